import { describe, expect, test } from "vitest";
import { summaryMarkdown } from "../../src/report/summary.js";
import { verify } from "../../src/verification/verify.js";
import { input, makeKey, request, signValue, statement } from "../verification/support.js";
import { badVerification, goodVerification } from "./support.js";

const key = makeKey();
const other = makeKey();

describe("the summary", () => {
  test("says at the top whether and why, then what was checked and what was not", async () => {
    const text = summaryMarkdown(await goodVerification());
    expect(text).toMatch(/^## \u2705 Verified: hello\.txt\n\nSigned by the key /);
    expect(text.match(/^### .+$/gm)).toEqual(["### Checked", "### Not checked", "### Policy"]);
    expect(text).toContain("| reviewed | met |");
  });

  test("gives each reason with what was expected and got", async () => {
    const verification = await badVerification();
    const text = summaryMarkdown(verification);
    expect(text).toMatch(/^## \u274c Not verified: /);
    expect(text.match(/^### .+$/gm)).toEqual(["### Why not", "### Policy"]);
    for (const { code } of verification.failures) expect(text).toContain(code.replaceAll("_", "&#95;"));
  });

  test("says of several bundles which one a reason is about, and not what goes without saying", async () => {
    const bundles = [input("{}", "broken.json"), input(await signValue(statement(), other), "other.json")];
    const text = summaryMarkdown(await verify(bundles, request(key)));
    expect(text).toContain("| broken.json: The bundle can't be read. (BUNDLE&#95;INVALID) |");
    expect(text).toContain("| other.json: The bundle names a key that is not trusted.");
    expect(text).not.toContain("THRESHOLD");
  });

  test("says what a rule demands", async () => {
    const text = summaryMarkdown(await badVerification());
    expect(text).toContain(
      "an attestation of https:&#47;&#47;slsa.dev/provenance/v1, with the builder https:&#47;&#47;acme.example/builder",
    );
  });

  test("lets nothing of a bundle become HTML, a link, code, a mention or a cell of its own", async () => {
    const text = summaryMarkdown(await badVerification());
    expect(text).not.toMatch(/<(script|img)/);
    expect(text).not.toContain("[link]");
    expect(text).not.toContain("`code`");
    expect(text).not.toContain("https://evil");
    expect(text).not.toContain("\u202e");
    const widths = new Set(
      text
        .split("### Why not")[1]
        ?.split("###")[0]
        ?.split("\n")
        .filter((line) => line.startsWith("|"))
        .map((line) => line.split("|").length),
    );
    expect([...widths]).toEqual([6]);
  });
});
