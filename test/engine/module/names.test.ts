import { expect, test } from "vitest";

import {
  enumMemberName,
  isKeptAsIs,
  kebabCase,
  pascalCase,
  schemaName,
} from "../../../engine/module/names.js";

test.each([
  ["Attest", "Attest"],
  ["Attestation", "AttestAttestation"],
  ["AttestResult", "AttestResult"],
  ["Bundle", "AttestBundle"],
])("the class %s of the module attest is %s in the schema", (className, name) => {
  expect(schemaName(className, "attest")).toBe(name);
});

test.each([
  ["sbom", "Sbom"],
  ["supply-chain", "SupplyChain"],
  ["my_module2go", "MyModule2Go"],
])("the main class of the module %s is %s", (moduleName, name) => {
  expect(pascalCase(moduleName)).toBe(name);
});

test.each([
  ["asFile", true],
  ["sha256", true],
  ["isOk", true],
  ["AsFile", false],
  ["as_file", false],
  ["traceURL", false],
  ["sha256sum", false],
])("the name %s is kept in the schema: %s", (name, kept) => {
  expect(isKeptAsIs(name)).toBe(kept);
});

test.each([
  ["SPDX_JSON", "SPDX_JSON"],
  ["SpdxJson", "SPDX_JSON"],
  ["Syft", "SYFT"],
])("the enum member %s is %s", (member, name) => {
  expect(enumMemberName(member)).toBe(name);
});

test.each([
  ["asFile", "as-file"],
  ["withSubjectFile", "with-subject-file"],
  ["sha256", "sha-256"],
  ["traceURL", "trace-url"],
  ["HTTPState", "http-state"],
  ["as-file", "as-file"],
])("%s is %s on the command line", (name, flag) => {
  expect(kebabCase(name)).toBe(flag);
});
