package dev.asyncio.linux;

import org.jspecify.annotations.Nullable;

/** Whether system calls can be made here at all. */
public final class Availability {
  private Availability() {}

  /** Why none can be made here, or null if they can. Loads nothing that it need not. */
  public static @Nullable String obstacle() {
    if (!System.getProperty("os.name").equals("Linux")) {
      return "the system is not Linux";
    }
    String machine = System.getProperty("os.arch");
    if (!machine.equals("amd64") && !machine.equals("aarch64")) {
      return "the processor, " + machine + ", is neither amd64 nor aarch64";
    }
    Module module = Availability.class.getModule();
    if (!module.isNativeAccessEnabled()) {
      return "native access is not enabled; start the JVM with --enable-native-access="
          + (module.isNamed() ? module.getName() : "ALL-UNNAMED");
    }
    return null;
  }
}
