import { createHash } from "node:crypto";

import { expect, test } from "vitest";

import { fileDigests } from "../../src/subjects/file.js";
import { scratch } from "../support/scratch.js";

const files = scratch();

test("the vectors of FIPS 180 for the empty message and abc", async () => {
  expect(await fileDigests(await files.write(""))).toEqual({
    sha256: "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    sha512:
      "cf83e1357eefb8bdf1542850d66d8007d620e4050b5715dc83f4a921d36ce9ce47d0d13c5d85f2b0ff8318d2877eec2f63b931bd47417a81a538327af927da3e",
  });
  expect(await fileDigests(await files.write("abc"))).toEqual({
    sha256: "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
    sha512:
      "ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f",
  });
});

test("a million times the letter a, and more than one piece", async () => {
  expect((await fileDigests(await files.write("a".repeat(1_000_000)))).sha256).toBe(
    "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0",
  );
  const content = "b".repeat(2_500_000);
  const sha256 = createHash("sha256").update(content).digest("hex");
  expect((await fileDigests(await files.write(content))).sha256).toBe(sha256);
});

test("a directory and a missing file are refused", async () => {
  await expect(fileDigests("/")).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
  await expect(fileDigests(await files.path())).rejects.toMatchObject({ code: "ARGUMENT_INVALID" });
});
