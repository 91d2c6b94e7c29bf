/**
 * What the SDK's declarations say about the core API and its schema does not: the docs, and of which type
 * an id has to be.
 */
import ts from "typescript";

export type ArgumentDoc = { readonly description: string; readonly type: string };
export type FunctionDoc = {
  readonly description: string;
  readonly arguments: ReadonlyMap<string, ArgumentDoc>;
};

/** By "Type" for a type's own doc, and "Type.field". `declarations` is the text of `client.gen.d.ts`. */
export function sdkDocs(declarations: string): Map<string, FunctionDoc> {
  const file = ts.createSourceFile("client.gen.d.ts", declarations, ts.ScriptTarget.ES2022, true);
  const options = new Map<string, Map<string, ArgumentDoc>>();
  for (const statement of file.statements) {
    if (ts.isTypeAliasDeclaration(statement) && ts.isTypeLiteralNode(statement.type)) {
      options.set(statement.name.text, optionDocs(statement.type));
    }
  }
  const docs = new Map<string, FunctionDoc>();
  for (const statement of file.statements) {
    if (!ts.isClassDeclaration(statement) || statement.name === undefined) continue;
    const type = plainName(statement.name.text === "Client" ? "Query" : statement.name.text);
    docs.set(type, { description: docText(statement), arguments: new Map() });
    for (const member of statement.members.filter((found) => ts.isPropertyDeclaration(found))) {
      if (member.type === undefined || !ts.isFunctionTypeNode(member.type)) continue;
      const found = argumentDocs(member, member.type, options);
      docs.set(`${type}.${plainName(member.name.getText())}`, {
        description: docText(member),
        arguments: found,
      });
    }
  }
  return docs;
}

function optionDocs(type: ts.TypeLiteralNode): Map<string, ArgumentDoc> {
  const members = type.members.filter((member) => ts.isPropertySignature(member));
  return new Map(
    members.map((member) => [
      member.name.getText(),
      { description: docText(member), type: innermost(member.type?.getText() ?? "") },
    ]),
  );
}

function argumentDocs(
  member: ts.PropertyDeclaration,
  type: ts.FunctionTypeNode,
  options: ReadonlyMap<string, ReadonlyMap<string, ArgumentDoc>>,
): Map<string, ArgumentDoc> {
  const texts = new Map(
    ts
      .getJSDocTags(member)
      .filter((tag) => ts.isJSDocParameterTag(tag))
      .map((tag) => [tag.name.getText(), ts.getTextOfJSDocComment(tag.comment) ?? ""]),
  );
  const found = new Map<string, ArgumentDoc>();
  for (const parameter of type.parameters) {
    const name = parameter.name.getText();
    const typeText = parameter.type?.getText() ?? "";
    if (name === "opts") for (const [option, doc] of options.get(typeText) ?? []) found.set(option, doc);
    else found.set(plainName(name), { description: texts.get(name) ?? "", type: innermost(typeText) });
  }
  return found;
}

function docText(node: ts.Node): string {
  const [comment] = ts.getJSDocCommentsAndTags(node).filter((found) => ts.isJSDoc(found));
  return ts.getTextOfJSDocComment(comment?.comment)?.trim() ?? "";
}

function innermost(type: string): string {
  return plainName(type.replaceAll("[]", "").trim());
}

/** The SDK adds `_` to names that TypeScript or the SDK has taken. */
function plainName(name: string): string {
  return name.replace(/_$/, "");
}
