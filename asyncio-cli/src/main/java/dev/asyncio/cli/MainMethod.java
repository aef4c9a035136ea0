package dev.asyncio.cli;

import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Modifier;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Where a program starts: {@code main(String[])} or else {@code main()}, static or not, declared or
 * inherited, not private and without result (Java Language Specification 25, §12.1.4).
 */
final class MainMethod {
  private final Class<?> type;
  private final Method method;

  private MainMethod(Class<?> type, Method method) {
    this.type = type;
    this.method = method;
  }

  /**
   * Finds the first class with a main method. ({@code java} looks at the first class alone; here a
   * program may begin with its records.)
   *
   * @return null if none of the classes has one
   */
  static @Nullable MainMethod find(List<String> classNames, ClassLoader loader)
      throws ClassNotFoundException {
    for (String name : classNames) {
      Class<?> type = Class.forName(name, false, loader);
      Method method = find(type, String[].class);
      if (method == null) {
        method = find(type);
      }
      if (method != null) {
        return new MainMethod(type, method);
      }
    }
    return null;
  }

  private static @Nullable Method find(Class<?> type, Class<?>... parameters) {
    for (Class<?> owner = type; owner != null; owner = owner.getSuperclass()) {
      try {
        Method method = owner.getDeclaredMethod("main", parameters);
        if (method.getReturnType() == void.class && !Modifier.isPrivate(method.getModifiers())) {
          return method;
        }
      } catch (NoSuchMethodException e) {
        // perhaps the superclass has it
      }
    }
    return null;
  }

  /**
   * Calls it.
   *
   * @throws CannotRun if it is an instance method of a class that cannot be instantiated
   * @throws Throwable what the program threw, itself
   */
  void call(String[] arguments) throws Throwable {
    method.setAccessible(true);
    try {
      Object receiver = Modifier.isStatic(method.getModifiers()) ? null : newInstance();
      if (method.getParameterCount() == 0) {
        method.invoke(receiver);
      } else {
        method.invoke(receiver, (Object) arguments);
      }
    } catch (InvocationTargetException e) {
      throw e.getCause() == null ? e : e.getCause();
    }
  }

  private Object newInstance() throws CannotRun, InvocationTargetException, IllegalAccessException {
    try {
      Constructor<?> constructor = type.getDeclaredConstructor();
      if (!Modifier.isPrivate(constructor.getModifiers())) {
        constructor.setAccessible(true);
        return constructor.newInstance();
      }
    } catch (NoSuchMethodException | InstantiationException e) {
      // said below: the two have the same mend
    }
    throw new CannotRun(
        "main of "
            + type.getName()
            + " is an instance method, but the class has no constructor"
            + " without parameters to make the instance with; add one, or make main static");
  }
}
