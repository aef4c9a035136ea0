package dev.asyncio.conformance;

import java.io.IOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Finds the recorded cases in folders and files: one a line, in files that end in .jsonl. */
final class CaseFiles {

  private CaseFiles() {}

  /**
   * Reads all cases of the given folders and files, files of a folder in the order of their names.
   *
   * @throws IllegalArgumentException when something is not there or holds no cases
   */
  static List<Case> readAll(List<Path> places) {
    var cases = new ArrayList<Case>();
    for (Path place : places) {
      try {
        for (Path file : filesIn(place)) {
          read(file, cases);
        }
      } catch (IOException e) {
        throw new IllegalArgumentException("cannot read " + place + ": " + e.getMessage(), e);
      }
    }
    return cases;
  }

  private static List<Path> filesIn(Path place) throws IOException {
    if (!Files.exists(place)) {
      throw new IllegalArgumentException("no such file or folder: " + place);
    }
    if (!Files.isDirectory(place)) {
      return List.of(place);
    }
    try (var entries = Files.list(place)) {
      List<Path> files =
          entries.filter(file -> file.toString().endsWith(".jsonl")).sorted().toList();
      if (files.isEmpty()) {
        throw new IllegalArgumentException("no .jsonl file in " + place);
      }
      return files;
    }
  }

  private static void read(Path file, List<Case> cases) throws IOException {
    int number = 0;
    for (String line : linesOf(file)) {
      number++;
      if (line.isBlank()) {
        continue;
      }
      try {
        cases.add(Case.read(line));
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException(file + ":" + number + ": " + e.getMessage(), e);
      }
    }
  }

  private static List<String> linesOf(Path file) throws IOException {
    try {
      return Files.readAllLines(file);
    } catch (MalformedInputException e) {
      throw new IllegalArgumentException(file + " is not UTF-8 text", e);
    }
  }
}
