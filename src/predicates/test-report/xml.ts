import { AttestError } from "../../error.js";

/** An element without its text: reports say with elements and attributes what counts here. */
export type XmlElement = {
  readonly name: string;
  readonly attributes: ReadonlyMap<string, string>;
  readonly children: readonly XmlElement[];
};

type Open = {
  readonly name: string;
  readonly attributes: Map<string, string>;
  readonly children: XmlElement[];
};

const deepest = 200;

/**
 * Parses an XML document. Only well-formed XML 1.0 passes; entities other than XML's own five are
 * refused, and so is a document type declaration, so nothing is expanded or opened.
 * @throws AttestError REPORT_INVALID with line and column, LIMIT_EXCEEDED when it is nested too deep.
 */
export async function parseXml(text: string, name: string): Promise<XmlElement> {
  const { SaxesParser } = await import("saxes");
  const document: Open = { name: "", attributes: new Map(), children: [] };
  const stack: Open[] = [document];
  const parser = new SaxesParser({ position: true });
  const refuse = (problem: string): never => {
    throw new AttestError("REPORT_INVALID", `${name} is no well-formed XML: ${problem}`, {
      next: "Hand in the report as the test runner wrote it; one that was cut off is refused.",
    });
  };
  parser.on("error", ({ message }) => refuse(message));
  parser.on("doctype", () => refuse("a document type declaration, which no report needs"));
  parser.on("opentag", (tag) => {
    if (stack.length > deepest) throw tooDeep(name);
    const element: Open = { name: tag.name, attributes: attributesOf(tag.attributes), children: [] };
    stack.at(-1)?.children.push(element);
    stack.push(element);
  });
  parser.on("closetag", () => void stack.pop());
  parser.write(text).close();
  const [root] = document.children;
  return root ?? refuse("no element");
}

function attributesOf(found: Readonly<Record<string, unknown>>): Map<string, string> {
  return new Map(
    Object.entries(found).map(([name, value]) => [name, typeof value === "string" ? value : ""]),
  );
}

function tooDeep(name: string): AttestError {
  return new AttestError("LIMIT_EXCEEDED", `${name} is nested too deep`, {
    problems: [{ path: "", expected: `at most ${deepest} levels of elements`, got: "more" }],
    next: "Hand in the report as the test runner wrote it.",
  });
}
