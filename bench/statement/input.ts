import { once } from "node:events";
import { createWriteStream } from "node:fs";

/** Writes a predicate like Syft's SPDX documents, of about `bytes` bytes; always the same ones. */
export async function writePredicate(path: string, bytes: number): Promise<void> {
  const file = createWriteStream(path);
  let size = 0;
  const write = async (text: string) => {
    size += text.length;
    if (!file.write(text)) await once(file, "drain");
  };
  await write('{"spdxVersion":"SPDX-2.3","SPDXID":"SPDXRef-DOCUMENT","name":"bench","packages":[');
  for (let i = 0; size < bytes; i += 1) await write(`${i === 0 ? "" : ","}\n${packageText(i)}`);
  await write("]}");
  file.end();
  await once(file, "finish");
}

function packageText(i: number): string {
  return JSON.stringify({
    SPDXID: `SPDXRef-Package-deb-package-${i}-${(i * 2654435761) >>> 0}`,
    name: `package-${i}`,
    versionInfo: `${i % 20}.${i % 7}.${i % 11}-1`,
    supplier: "Person: Debian Maintainers <maintainers@lists.example>",
    downloadLocation: "NOASSERTION",
    filesAnalyzed: false,
    sourceInfo: "acquired package info from DPKG DB: /var/lib/dpkg/status",
    licenseConcluded: "NOASSERTION",
    licenseDeclared: "GPL-2.0-or-later AND LGPL-2.1-only",
    copyrightText: 'Copyright © 1996–2026 "The authors"\nand others',
    checksums: [{ algorithm: "SHA256", checksumValue: `${i}`.padStart(64, "0") }],
    externalRefs: [
      {
        referenceCategory: "PACKAGE-MANAGER",
        referenceType: "purl",
        referenceLocator: `pkg:deb/debian/package-${i}@${i % 20}?arch=amd64&distro=debian-13`,
      },
    ],
  });
}
