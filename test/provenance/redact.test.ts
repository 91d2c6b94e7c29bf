import { describe, expect, it } from "vitest";
import { redactorFor, redactUrl, shownReason, urlCredentials } from "../../src/provenance/redact.js";
import fc from "../support/property.js";

const { text, argv, url } = redactorFor([]);

describe("redactUrl", () => {
  it.each([
    ["https://user:pw@example.test/x?token=abc#frag", "https://example.test/x?token=***"],
    ["https://ghp_abc@github.com/o/r.git", "https://github.com/o/r.git"],
    ["git@github.com:o/r.git", "github.com:o/r.git"],
    ["https://example.test/a@b/c", "https://example.test/a@b/c"],
    ["https://example.test/x?abcdef", "https://example.test/x?***"],
    ["https://example.test/x?a=1&b=2", "https://example.test/x?a=***&b=***"],
    ["docker.io/library/alpine:3.22", "docker.io/library/alpine:3.22"],
    ["https://api.test/botglpat-abcdefghijklmnop1234/send", "https://api.test/bot***/send"],
  ])("%s -> %s", (input, expected) => {
    expect(redactUrl(input)).toBe(expected);
  });

  it("never shows user information or a query value, whatever they hold", () => {
    const part = fc.stringMatching(/^[A-Za-z0-9._~%-]{6,20}$/);
    fc.assert(
      fc.property(part, part, part, (user, password, value) => {
        const shown = redactUrl(`https://${user}:${password}@host.test/p?q=${value}`);
        expect(shown).toBe("https://host.test/p?q=***");
      }),
    );
  });
});

describe("urlCredentials", () => {
  it("finds the password, the lonely user and the values of the query, decoded too", () => {
    expect(urlCredentials("https://user:p%40ssword@h/x?a=secret1")).toEqual([
      "p%40ssword",
      "p@ssword",
      "secret1",
      "secret1",
    ]);
    expect(urlCredentials("https://ghp_token@h/x")).toEqual(["ghp_token", "ghp_token"]);
    expect(urlCredentials("ssh://git@h/x")).toEqual([]);
  });
});

describe("text", () => {
  it.each([
    [
      "curl -H 'Authorization: Bearer abc.def' https://x.test",
      "curl -H 'Authorization: Bearer ***' https://x.test",
    ],
    ["curl -u me:hunter22 https://x.test", "curl -u *** https://x.test"],
    ["DB_PASSWORD=abc make", "DB_PASSWORD=*** make"],
    ['{"apiKey": "abc"}', '{"apiKey": ***}'],
    ["login --password abc --verbose", "login --password *** --verbose"],
    ["git clone https://u:p@x.test/r.git", "git clone https://x.test/r.git"],
    ["echo s3cr3t-canary", "echo ***"],
    ["push eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.sig", "push ***"],
    ["key AKIAIOSFODNN7EXAMPLE", "key ***"],
    ["x 9kP2mQx7Rt4LwZ8vBn3YcJ6f", "x ***"],
  ])("hides what looks like a credential: %s", (input, expected) => {
    expect(text(input)).toBe(expected);
  });

  it.each([
    "npm ci --ignore-scripts",
    "sha256sum out.txt > out.sum",
    "git checkout 56299badc30851345f219b986bd032827220b060",
    "docker.io/library/debian@sha256:af18f1f98934cad9045a968a8b5e38e0af3f751f0e91f725d3f14ba146a80609",
    "require('fs').writeFileSync('/out.txt', require('fs').readFileSync('/src/main.txt'))",
    "--mount=type=secret,id=tok,target=/run/secrets/tok",
    "kubectl get secret my-app",
    "go build -o /out/app ./cmd/app",
  ])("leaves an ordinary command alone: %s", (input) => {
    expect(text(input)).toBe(input);
  });

  it("hides known values wherever they stand", () => {
    expect(redactorFor(["plain", "abc"]).text("a plain word, abc")).toBe("a *** word, abc");
  });

  it("hides a text that is too long to be read as a whole", () => {
    expect(text("x".repeat(20_000))).toBe("*** (20000 characters)");
  });

  it("says the same the second time", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary-ascii", maxLength: 200 }), (value) => {
        expect(text(text(value))).toBe(text(value));
      }),
    );
  });
});

describe("argv", () => {
  it("hides the argument that follows an option for a secret", () => {
    expect(argv(["tool", "--api-token", "abc", "-v"])).toEqual(["tool", "--api-token", "***", "-v"]);
    expect(argv(["curl", "-u", "me:abc", "https://x.test"])).toEqual(["curl", "-u", "***", "https://x.test"]);
    expect(argv(["tool", "--token=abc"])).toEqual(["tool", "--token=***"]);
  });

  it("redacts URLs in it", () => {
    expect(argv(["wget", url("https://a:b@x.test/?t=1")])).toEqual(["wget", "https://x.test/?t=***"]);
  });
});

describe("shownReason", () => {
  it("leaves out the query that the SDK puts before an error, and ids that hold whole recipes", () => {
    const id = Buffer.from("s3cr3t-canary".repeat(20)).toString("base64");
    const reason = new Error(
      `query:\n\n  { loadFileFromID (id: "***") { name } }\n\n\nerror: load File@${id}: no GITP`,
    );
    expect(shownReason(reason)).toBe("load File@…: no GITP");
  });

  it("shows the beginning and the end of a long one", () => {
    const reason = `failed to load the part: ${"failed to load: ".repeat(40)}secret env var not found`;
    expect(shownReason(reason)).toMatch(/^failed to load the part: .* … .* secret env var not found$/);
    expect(shownReason(reason).length).toBeLessThanOrEqual(200);
  });
});
