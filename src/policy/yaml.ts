/**
 * Reads YAML 1.2 in which nothing can be meant in two ways: no key twice, no aliases (they can blow up a small text),
 * no tags that are not known, one document.
 *
 * @throws Error with what is wrong
 */
export async function parseYaml(text: string): Promise<unknown> {
  const { parseDocument } = await import("yaml");
  const document = parseDocument(text, { version: "1.2", strict: true, uniqueKeys: true });
  const [problem] = [...document.errors, ...document.warnings];
  if (problem !== undefined) throw problem;
  return document.toJS({ maxAliasCount: 0 });
}
