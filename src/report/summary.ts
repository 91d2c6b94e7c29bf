import type { Failure, Verification } from "../verification/types.js";
import { because, bundlesWith, checkWords, headline, rootWords, standing, tellingFailures } from "./words.js";

/**
 * A verdict in GitHub Flavored Markdown, for the summary page of a CI job. Whatever came from a bundle is
 * escaped: it can't add links, images or HTML.
 */
export function summaryMarkdown(verification: Verification): string {
  const { passed, artifact, bundles, checks, notChecked, policy } = verification;
  const digests = Object.entries(artifact.digests).map(
    ([name, digest]) => `\`${code(`${name}:${digest}`)}\``,
  );
  return [
    `## ${signs[standing(verification)]} ${text(headline(verification))}`,
    text(because(verification)),
    digests.join("<br>"),
    ...heldAgainst(verification),
    ...section(
      "Why not",
      ["Check", "What is wrong", "Expected", "Got"],
      tellingFailures(verification).map((failure) => failureCells(failure, bundlesWith(failure, bundles))),
    ),
    ...section(
      "Checked",
      ["Check", "Outcome"],
      checks.map(({ check, message }) => [checkWords[check].title, message]),
    ),
    ...section(
      "Not checked",
      ["Check", "Why"],
      // Of what fails it is beside the point.
      (passed ? notChecked : []).map(({ check, message }) => [checkWords[check].title, message]),
    ),
    ...section(
      "Policy",
      ["Rule", "Outcome", "Reason"],
      (policy?.rules ?? []).map((rule) => [rule.rule, rule.passed ? "met" : "not met", rule.reason]),
    ),
    "",
  ].join("\n\n");
}

function heldAgainst(verification: Verification): string[] {
  const root = rootWords(verification);
  return root === undefined ? [] : [`Trusted root: ${text(root)}.`];
}

const signs = { good: "\u2705", bad: "\u274c", open: "\u26a0\ufe0f" } as const;

function failureCells(
  { check, code: failureCode, message, expected, got }: Failure,
  bundles: string,
): string[] {
  const where = bundles === "" ? "" : `${bundles}: `;
  return [checkWords[check].title, `${where}${message} (${failureCode})`, expected, got];
}

function section(title: string, columns: readonly string[], rows: readonly (readonly string[])[]): string[] {
  if (rows.length === 0) return [];
  const line = (cells: readonly string[]): string => `| ${cells.map(text).join(" | ")} |`;
  return [
    `### ${title}`,
    [line(columns), `|${columns.map(() => " --- |").join("")}`, ...rows.map(line)].join("\n"),
  ];
}

/** So long may a cell be: a job page is no place for a document. */
const longestText = 600;

/** Plain text: every character that Markdown or HTML could take for more is escaped. */
function text(value: string): string {
  const cut = value.length <= longestText ? value : `${value.slice(0, longestText)}...`;
  return oneLine(cut)
    .replaceAll("&", "&amp;")
    .replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;")
    .replaceAll(/[\\`*_[\]#!|~@]/g, (character) => `&#${character.charCodeAt(0)};`)
    .replaceAll("://", ":&#47;&#47;")
    .replaceAll("www.", "www&#46;");
}

function code(value: string): string {
  return oneLine(value).replaceAll("`", "'");
}

function oneLine(value: string): string {
  return value.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]+/gu, " ");
}
