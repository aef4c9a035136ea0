package dev.asyncio.conformance.stress;

import com.google.gson.JsonObject;
import dev.asyncio.EngineKind;

/** Runs programs of the conformance language. */
public interface ProgramRunner {

  /**
   * Runs a program on a loop of its own, in virtual time; whatever goes wrong is in the outcome.
   */
  Execution run(String id, JsonObject program, EngineKind engine) throws InterruptedException;
}
