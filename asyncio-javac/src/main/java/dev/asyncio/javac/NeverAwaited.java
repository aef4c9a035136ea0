package dev.asyncio.javac;

import com.sun.source.tree.ExpressionStatementTree;
import com.sun.source.tree.ExpressionTree;
import com.sun.source.tree.LambdaExpressionTree;
import com.sun.source.tree.MemberReferenceTree;
import com.sun.source.tree.MethodInvocationTree;
import com.sun.source.tree.NewClassTree;
import com.sun.source.tree.Tree;
import com.sun.source.util.TreePath;
import com.sun.source.util.TreePathScanner;
import com.sun.source.util.Trees;
import javax.lang.model.element.Element;
import javax.lang.model.element.ExecutableElement;
import javax.lang.model.element.Modifier;
import javax.lang.model.element.TypeElement;
import javax.lang.model.type.DeclaredType;
import javax.lang.model.type.ExecutableType;
import javax.lang.model.type.TypeKind;
import javax.lang.model.type.TypeMirror;
import javax.lang.model.util.ElementFilter;
import javax.lang.model.util.Elements;
import javax.lang.model.util.Types;
import javax.tools.Diagnostic;
import org.jspecify.annotations.Nullable;

/**
 * Reports places that make a coroutine and drop it: a call whose result is the whole statement, and
 * a lambda or a method reference that stands where nothing is returned.
 *
 * <p>Only methods that are declared to give a coroutine count, not generic ones that happen to,
 * such as {@code map.put(key, coroutine)}; except {@code await}, whose result nobody drops on
 * purpose.
 */
final class NeverAwaited extends TreePathScanner<@Nullable Void, @Nullable Void> {

  private static final String COROUTINE = "dev.asyncio.Coroutine";

  private final Trees trees;
  private final Types types;
  private final Elements elements;
  private final @Nullable TypeMirror coroutine;

  NeverAwaited(Trees trees, Types types, Elements elements) {
    this.trees = trees;
    this.types = types;
    this.elements = elements;
    TypeElement type = elements.getTypeElement(COROUTINE);
    this.coroutine = type == null ? null : types.erasure(type.asType());
  }

  @Override
  public @Nullable Void visitExpressionStatement(
      ExpressionStatementTree statement, @Nullable Void unused) {
    reportIfCoroutine(new TreePath(getCurrentPath(), statement.getExpression()));
    return super.visitExpressionStatement(statement, null);
  }

  @Override
  public @Nullable Void visitLambdaExpression(LambdaExpressionTree lambda, @Nullable Void unused) {
    if (lambda.getBody() instanceof ExpressionTree body && returnsNothing(getCurrentPath())) {
      reportIfCoroutine(new TreePath(getCurrentPath(), body));
    }
    return super.visitLambdaExpression(lambda, null);
  }

  @Override
  public @Nullable Void visitMemberReference(MemberReferenceTree reference, @Nullable Void unused) {
    if (trees.getElement(getCurrentPath()) instanceof ExecutableElement method
        && gives(method.getReturnType())
        && returnsNothing(getCurrentPath())) {
      report(reference, reference.toString());
    }
    return super.visitMemberReference(reference, null);
  }

  private void reportIfCoroutine(TreePath expression) {
    Tree tree = expression.getLeaf();
    if (tree instanceof NewClassTree && gives(trees.getTypeMirror(expression))) {
      report(tree, tree.toString());
    }
    if (tree instanceof MethodInvocationTree
        && trees.getElement(expression) instanceof ExecutableElement method
        && (gives(method.getReturnType()) || awaitsCoroutine(method, expression))) {
      report(tree, tree.toString());
    }
  }

  private boolean awaitsCoroutine(ExecutableElement method, TreePath expression) {
    return method.getSimpleName().contentEquals("await")
        && elements.getPackageOf(method).getQualifiedName().contentEquals("dev.asyncio")
        && gives(trees.getTypeMirror(expression));
  }

  private boolean gives(@Nullable TypeMirror type) {
    return type != null
        && coroutine != null
        && type.getKind() == TypeKind.DECLARED
        && types.isSubtype(types.erasure(type), coroutine);
  }

  /** Whether the functional interface that a lambda or a method reference stands for is void. */
  private boolean returnsNothing(TreePath function) {
    if (!(trees.getTypeMirror(function) instanceof DeclaredType target)) {
      return false;
    }
    var members = elements.getAllMembers((TypeElement) target.asElement());
    for (ExecutableElement method : ElementFilter.methodsIn(members)) {
      if (method.getModifiers().contains(Modifier.ABSTRACT) && !fromObject(method)) {
        return types.asMemberOf(target, method) instanceof ExecutableType type
            && type.getReturnType().getKind() == TypeKind.VOID;
      }
    }
    return false;
  }

  private boolean fromObject(ExecutableElement method) {
    TypeElement object = elements.getTypeElement("java.lang.Object");
    for (Element member : object.getEnclosedElements()) {
      if (member instanceof ExecutableElement inherited
          && elements.overrides(method, inherited, (TypeElement) method.getEnclosingElement())) {
        return true;
      }
    }
    return false;
  }

  private void report(Tree where, String code) {
    String shown = code.length() <= 60 ? code : code.substring(0, 57) + "...";
    trees.printMessage(
        Diagnostic.Kind.ERROR,
        "this coroutine is never awaited, so its body does not run: "
            + shown
            + "\n  write await("
            + (code.length() <= 60 ? code : "…")
            + ") to run it here, or createTask(…) to run it beside",
        where,
        getCurrentPath().getCompilationUnit());
  }
}
