import { describe, expect, test } from "vitest";

import { AttestError } from "../../src/error.js";
import { imageReferenceSubject, parseImageReference } from "../../src/subjects/reference.js";

const hex = "f".repeat(64);
const digest = `sha256:${hex}`;

describe("parseImageReference (cases of distribution/reference: reference_test.go, normalize_test.go)", () => {
  test.each([
    ["alpine", "docker.io", "library/alpine"],
    ["docker.io/alpine", "docker.io", "library/alpine"],
    ["docker.io/library/alpine", "docker.io", "library/alpine"],
    ["index.docker.io/library/alpine", "docker.io", "library/alpine"],
    ["dmcgowan/myapp", "docker.io", "dmcgowan/myapp"],
    ["docker.io/dmcgowan/myapp", "docker.io", "dmcgowan/myapp"],
    ["localhost/app", "localhost", "app"],
    ["localhost:5000/a/b", "localhost:5000", "a/b"],
    ["test.com:8000/foo", "test.com:8000", "foo"],
    ["xn--n3h.com/myimage", "xn--n3h.com", "myimage"],
    ["[2001:db8::1]:5000/repo", "[2001:db8::1]:5000", "repo"],
    ["192.168.0.1/test", "192.168.0.1", "test"],
    ["Uppercase/lowercase", "Uppercase", "lowercase"],
    ["foo_bar.com:8080/foo", undefined, undefined],
    ["foo/foo_bar.com", "docker.io", "foo/foo_bar.com"],
    ["a/b__c/d--e/f---g", "docker.io", "a/b__c/d--e/f---g"],
    ["sub-dom1.foo.com/bar/baz/quux", "sub-dom1.foo.com", "bar/baz/quux"],
    [
      "docker.io/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
      "docker.io",
      "library/1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a",
    ],
  ])("%s", (text, registry, repository) => {
    if (registry === undefined) {
      expect(() => parseImageReference(text)).toThrow(AttestError);
    } else {
      expect(parseImageReference(text)).toEqual({ name: `${registry}/${repository}`, registry, repository });
    }
  });

  test("tag and digest", () => {
    expect(parseImageReference("alpine:3.22")).toMatchObject({
      name: "docker.io/library/alpine",
      tag: "3.22",
    });
    expect(parseImageReference(`test:5000/repo:tag@${digest}`)).toMatchObject({ tag: "tag", digest });
    expect(parseImageReference(`localhost:5000/repo@${digest}`)).toEqual({
      name: "localhost:5000/repo",
      registry: "localhost:5000",
      repository: "repo",
      digest,
    });
    expect(parseImageReference(`a@sha512:${"0".repeat(128)}`).digest).toBe(`sha512:${"0".repeat(128)}`);
    expect(parseImageReference(`a:${"t".repeat(128)}`).tag).toHaveLength(128);
  });

  test.each([
    ["", "name"],
    [":justtag", "name"],
    [`@${digest}`, "name"],
    ["repo@sha256:ffff", "digest"],
    [`repo@SHA256:${hex}`, "digest"],
    [`repo@sha256:${hex.toUpperCase()}`, "digest"],
    ["validname@", "digest"],
    ["validname:", "tag"],
    ["alpine:-tag", "tag"],
    [`a:${"t".repeat(129)}`, "tag"],
    ["Alpine", "name"],
    ["https://github.com/docker/docker", "name"],
    ["docker/Docker", "name"],
    ["-docker/x", "name"],
    ["docker///docker", "name"],
    ["docker.io/docker/", "name"],
    ["a//b", "name"],
    ["a/b.", "name"],
    ["a/b___c", "name"],
    ["a b", "name"],
    ["repo\n", "name"],
    ["-foo.example/bar", "name"],
    ["1a3f5e7d9c1b3a5f7e9d1c3b5a7f9e1d3c5b7a9f1e3d5d7c9b1a3f5e7d9c1b3a", "name"],
    [`example.com/${"a/".repeat(128)}a`, "name"],
  ])("refuses %j for its %s", (text, part) => {
    try {
      parseImageReference(text);
      expect.unreachable("it was accepted");
    } catch (error) {
      expect(error).toMatchObject({ code: "REFERENCE_INVALID", problems: [{ path: part }] });
    }
  });
});

describe("imageReferenceSubject", () => {
  test("names the image without tag, by digest", () => {
    expect(imageReferenceSubject(`alpine:3.22@${digest}`)).toEqual({
      name: "docker.io/library/alpine",
      digest: { sha256: hex },
    });
  });

  test("asks for a digest, and says how to get one", () => {
    expect(() => imageReferenceSubject("alpine:3.22")).toThrow(
      /REFERENCE_INVALID: the image reference "alpine:3.22" has no digest(.|\n)*imagetools inspect/,
    );
  });

  test.each(["docker", "https", "oci"])("says that %s:// is no part of a name", (scheme) => {
    expect(() => parseImageReference(`${scheme}://registry.example/app:1.0`)).toThrow(
      `Leave ${scheme}:// out: an image is named as in registry.example/team/app:1.0.`,
    );
  });
});
