import { escapeUTF8 } from "entities/escape";

/** HTML that is safe to be put into a page. Only this module makes it. */
export type Html = { readonly html: string };

/** Characters that reorder or hide text: shown as what they are, since the text is somebody else's. */
const deceptive =
  /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g;

function escape(text: string): string {
  const shown = text.replaceAll(
    deceptive,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return escapeUTF8(shown);
}

/** A template whose values are escaped, unless they are HTML made by it. */
export function html(
  parts: TemplateStringsArray,
  ...values: readonly (string | Html | readonly Html[])[]
): Html {
  const filled = parts.map((part, index) => part + fill(values[index] ?? ""));
  return { html: filled.join("") };
}

function fill(value: string | Html | readonly Html[]): string {
  if (typeof value === "string") return escape(value);
  return "html" in value ? value.html : value.map((each) => each.html).join("");
}
