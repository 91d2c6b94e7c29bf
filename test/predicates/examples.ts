/**
 * The examples that the specifications print, transcribed. Digests that the pages abbreviate are whole here,
 * and commas that they lack are there.
 */
const sha256 = "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08";
const digest = { sha256 };

const compiler = {
  uri: "file:///usr/bin/gcc",
  name: "gcc9.3.0",
  digest,
  downloadLocation:
    "http://us.archive.ubuntu.com/ubuntu/pool/main/g/gcc-defaults/gcc_9.3.0-1ubuntu2_amd64.deb",
};
const stackProtection = { attribute: "WITH_STACK_PROTECTION", conditions: { flags: "-fstack-protector*" } };
const envelope = "application/x.dsse+json";

const sbomReference = {
  attester: { id: "https://my-builder.com/v1" },
  references: [
    {
      downloadLocation: "https://cloud.com/my-sboms/sbom.spdx.json",
      digest: { sha256: "3b0d19b348f1e46a571c6e9df32897637c20dd9803261c2fc9cbe38b0c8422c4" },
      mediaType: "application/spdx+json",
    },
  ],
};

const trivy = {
  uri: "pkg:github/aquasecurity/trivy@244fd47e07d1004f0aed9",
  version: "0.19.2",
  db: {
    uri: "pkg:github/aquasecurity/trivy-db/commit/4c76bb580b2736d67751410fa4ab66d2b6b9b27d",
    version: "v1-2021080612",
  },
};
const invocation = {
  parameters: ["--format=json"],
  uri: "https://github.com/developer-guy/alpine/actions/runs/1071875574",
  event_id: "1071875574",
  "builder.id": "GitHub Actions",
};
const scanTimes = {
  scanStartedOn: "2021-08-06T17:45:50.52Z",
  scanFinishedOn: "2021-08-06T17:50:50.52Z",
};
const scanResult = {
  id: "CVE-123",
  severity: [
    { method: "nvd", score: "medium" },
    { method: "cvss_score", score: "5.2" },
  ],
};
const lastUpdate = "2021-08-06T17:45:50.52Z";

const wolfi = {
  "@context": "https://openvex.dev/ns/v0.2.0",
  "@id": "https://openvex.dev/docs/example/vex-9fb3463de1b57",
  author: "Wolfi J Inkinson",
  role: "Document Creator",
};
const git = (architecture: string) => ({ "@id": `pkg:apk/wolfi/git@2.39.0-r1?arch=${architecture}` });

type Example = readonly [name: string, predicateType: string, predicate: unknown];

export const specificationExamples: readonly Example[] = [
  [
    "vulns_02.md",
    "https://in-toto.io/attestation/vulns/v0.2",
    { scanner: { ...trivy, db: { ...trivy.db, lastUpdate }, result: [scanResult] }, metadata: scanTimes },
  ],
  [
    "vuln.md",
    "https://in-toto.io/attestation/vulns/v0.1",
    {
      invocation,
      scanner: { ...trivy, db: { ...trivy.db, lastUpdate }, result: [scanResult] },
      metadata: scanTimes,
    },
  ],
  [
    "vuln.md, as its fields are described",
    "https://in-toto.io/attestation/vulns/v0.1",
    {
      scanner: { ...trivy, db: { lastUpdate }, result: [{ vulnerability: scanResult }] },
      metadata: scanTimes,
    },
  ],
  [
    "COSIGN_VULN_ATTESTATION_SPEC.md",
    "https://cosign.sigstore.dev/attestation/vuln/v1",
    {
      invocation,
      scanner: { ...trivy, result: { SchemaVersion: 2, ArtifactName: "alpine:3.12", Results: [] } },
      metadata: scanTimes,
    },
  ],
  [
    "release.md, npm",
    "https://in-toto.io/attestation/release/v0.1",
    { purl: "pkg:npm/@angular/http@7.2.16", packageId: "1234567890" },
  ],
  ["release.md, PyPI", "https://in-toto.io/attestation/release/v0.1", { purl: "pkg:pypi/urllib3@2.1.0" }],
  [
    "release.md, OCI",
    "https://in-toto.io/attestation/release/v0.2",
    {
      purl: "pkg:oci/my-image@sha256%3Afedcba09?repository_url=registry.example.com/my-project/my-image&tag=v1.2.3",
    },
  ],
  [
    "scai.md, binary attributes",
    "https://in-toto.io/attestation/scai/v0.3",
    { attributes: [stackProtection], producer: compiler },
  ],
  [
    "scai.md, compiler attributes",
    "https://in-toto.io/attestation/scai/v0.3",
    {
      attributes: [
        stackProtection,
        {
          attribute: "REPRODUCIBLE",
          evidence: {
            name: "gcc_9.3.0-1ubuntu2_amd64.json",
            digest,
            uri: "http://example.com/rebuilderd-instance/gcc_9.3.0-1ubuntu2_amd64.json",
            mediaType: envelope,
          },
        },
      ],
    },
  ],
  [
    "scai.md, attested dependencies",
    "https://in-toto.io/attestation/scai/v0.3",
    {
      attributes: [
        {
          attribute: "ATTESTED_DEPENDENCIES",
          target: { name: "my-rsa-lib.so", digest, uri: "http://example.com/libraries/my-rsa-lib.so" },
          evidence: { name: "rsa-lib-attribute-report.json", digest, mediaType: envelope },
        },
      ],
      producer: { uri: "https://example.com/my-github-actions-runner" },
    },
  ],
  [
    "scai.md, evidence collection",
    "https://in-toto.io/attestation/scai/v0.3",
    {
      attributes: [1, 2, 3].map((number) => ({
        attribute: `attestation-${number}`,
        evidence: {
          uri: `https://example.com/attestations/attestation-${number}`,
          digest,
          mediaType: envelope,
        },
      })),
      producer: { uri: "https://my-sw-attestor" },
    },
  ],
  ["reference.md", "https://in-toto.io/attestation/reference/v0.1", sbomReference],
  [
    "link.md, its schema",
    "https://in-toto.io/attestation/link/v0.3",
    {
      name: "build",
      command: ["make", "all"],
      materials: [{ name: "main.c", digest }],
      byproducts: { "return-value": 0 },
      environment: {},
    },
  ],
  [
    "link.md, no more than a name",
    "https://in-toto.io/attestation/link/v0.3",
    { name: "build", command: null, materials: [], environment: null },
  ],
  [
    "in-toto's specification, a link",
    "https://in-toto.io/Link/v1",
    { name: "write-code", command: ["vi", "foo.py"], materials: { "foo.py": digest }, byproducts: {} },
  ],
  [
    "runtime-trace.md",
    "https://in-toto.io/attestation/runtime-trace/v0.1",
    {
      monitor: {
        type: "https://github.com/cilium/tetragon/v0.8.4",
        configSource: {},
        tracePolicy: { policies: [{ Name: "connect", Config: "" }] },
      },
      monitoredProcess: {
        hostID: "https://tekton.dev/chains/v2",
        type: "https://tekton.dev/attestations/chains@v2",
        event: "run-image-pipelinerun-build-trusted",
      },
      monitorLog: {
        process: [
          {
            eventType: "process",
            processBinary: "/bin/touch",
            arguments: ["/tekton/scripts/script-0-vjklb"],
            privileged: null,
          },
        ],
      },
      metadata: { buildStartedOn: "2022-10-13T22:55:50Z", buildFinishedOn: "2022-10-13T22:56:17Z" },
    },
  ],
  [
    "verification_summary.md",
    "https://slsa.dev/verification_summary/v1",
    {
      verifier: {
        id: "https://example.com/publication_verifier",
        version: {
          "slsa-verifier-linux-amd64": "v2.3.0",
          "slsa-framework/slsa-verifier/actions/installer": "v2.3.0",
        },
      },
      timeVerified: "1985-04-12T23:20:50.52Z",
      resourceUri: "https://example.com/example-1.2.3.tar.gz",
      policy: { uri: "https://example.com/example_tarball.policy", digest },
      inputAttestations: [
        { uri: "https://example.com/provenances/example-1.2.3.tar.gz.intoto.jsonl", digest },
      ],
      verificationResult: "PASSED",
      verifiedLevels: ["SLSA_BUILD_LEVEL_3"],
      dependencyLevels: { SLSA_BUILD_LEVEL_3: 5, SLSA_BUILD_LEVEL_2: 7, SLSA_BUILD_LEVEL_1: 1 },
      slsaVersion: "1.0",
    },
  ],
  [
    "svr.md",
    "https://in-toto.io/attestation/svr/v0.2",
    {
      verifier: { id: "https://example.com/publication_verifier/v2", policies: [] },
      timeCreated: "1985-04-12T23:20:50.52Z",
      properties: ["SLSA_BUILD_LEVEL_3", "SLSA_SOURCE_LEVEL_3", "COMPANY_RELEASE_APPROVED"],
    },
  ],
  [
    "svr.md, with policies",
    "https://in-toto.io/attestation/svr/v0.2",
    {
      verifier: {
        id: "https://example.com/policy_engine/v1",
        policies: [{ uri: "https://example.com/policies/production-deployment", digest }],
      },
      timeCreated: "2024-03-15T14:22:00Z",
      properties: ["SLSA_BUILD_LEVEL_3", "EXAMPLE_DEPLOYMENT_APPROVED"],
    },
  ],
  [
    "trace_url.md",
    "https://dagger.io/evidence/trace-url/v1",
    { traceURL: "https://dagger.cloud/traces/abcd1234" },
  ],
  [
    "SLSA provenance v0.2",
    "https://slsa.dev/provenance/v0.2",
    {
      builder: { id: "https://github.com/Attestations/GitHubHostedActions@v1" },
      buildType: "https://github.com/Attestations/GitHubActionsWorkflow@v1",
      invocation: {
        configSource: {
          uri: "git+https://github.com/curl/curl-docker@master",
          digest: { sha1: "d6525c840a62b398424a78d792f457477135d0cf" },
          entryPoint: "build.yaml:maketgz",
        },
        parameters: {},
        environment: { github_run_id: "1" },
      },
      metadata: {
        buildInvocationId: "1",
        buildStartedOn: "2020-08-19T08:38:00Z",
        completeness: { parameters: true, environment: false, materials: false },
        reproducible: false,
      },
      materials: [
        {
          uri: "git+https://github.com/curl/curl-docker@master",
          digest: { sha1: "d6525c840a62b398424a78d792f457477135d0cf" },
        },
        { uri: "github_hosted_vm:ubuntu-18.04:20210123.1", digest: { sha1: "d6525c8" } },
      ],
    },
  ],
  [
    "SLSA provenance v0.1",
    "https://slsa.dev/provenance/v0.1",
    {
      builder: { id: "mailto:person@example.com" },
      recipe: { type: "https://example.com/Makefile", definedInMaterial: 0, entryPoint: "src:foo" },
      materials: [{ uri: "https://example.com/example-1.2.3.tar.gz", digest: { sha256: "1234..." } }],
    },
  ],
  [
    "OPENVEX-SPEC.md, the smallest document",
    "https://openvex.dev/ns/v0.2.0",
    {
      ...wolfi,
      timestamp: "2023-01-08T18:02:03.647787998-06:00",
      version: 1,
      statements: [
        {
          vulnerability: { name: "CVE-2023-12345" },
          products: [git("armv7"), git("x86_64")],
          status: "fixed",
        },
      ],
    },
  ],
  [
    "OPENVEX-SPEC.md, times that are inherited",
    "https://openvex.dev/ns",
    {
      ...wolfi,
      timestamp: "2023-01-09T09:08:42-06:00",
      version: 2,
      statements: [
        {
          timestamp: "2023-01-08T18:02:03-06:00",
          vulnerability: { name: "CVE-2023-12345" },
          products: [git("armv7")],
          status: "under_investigation",
        },
        { vulnerability: { name: "CVE-2023-12345" }, products: [git("armv7")], status: "fixed" },
      ],
    },
  ],
  [
    "OPENVEX-SPEC.md, Spring Boot",
    "https://openvex.dev/ns",
    {
      "@context": "https://openvex.dev/ns/v0.2.0",
      "@id":
        "https://openvex.dev/docs/public/vex-2e67563e128250cbcb3e98930df948dd053e43271d70dc50cfa22d57e03fe96f",
      author: "Spring Builds <spring-builds@users.noreply.github.com>",
      role: "Project Release Bot",
      timestamp: "2023-01-16T19:07:16.853479631-06:00",
      version: 1,
      statements: [
        {
          vulnerability: {
            "@id": "https://nvd.nist.gov/vuln/detail/CVE-2021-44228",
            name: "CVE-2021-44228",
            description: "Remote code injection in Log4j",
            aliases: ["GHSA-jfh8-c2jp-5v3q"],
          },
          products: [
            {
              "@id": "pkg:maven/org.springframework.boot/spring-boot@2.6.0-M3",
              identifiers: { purl: "pkg:maven/org.springframework.boot/spring-boot@2.6.0-M3" },
              hashes: { "sha-256": sha256 },
            },
          ],
          status: "not_affected",
          justification: "vulnerable_code_not_in_execute_path",
          impact_statement: "Spring Boot users are only affected if they switched to Log4J2.",
        },
      ],
    },
  ],
  [
    "ATTESTING.md, products from the statement's subjects",
    "https://openvex.dev/ns",
    {
      ...wolfi,
      "@context": "https://openvex.dev/ns",
      timestamp: "2023-01-08T18:02:03.647787998-06:00",
      version: "1",
      statements: [{ vulnerability: { name: "CVE-2023-12345" }, status: "fixed" }],
    },
  ],
  [
    "ATTESTING.md, products and vulnerabilities by name alone",
    "https://openvex.dev/ns",
    {
      ...wolfi,
      timestamp: "2023-01-08T18:02:03Z",
      version: 1,
      statements: [
        { vulnerability: "CVE-2014-123456", products: ["pkg:apk/distro/git@2.39.0-r1"], status: "fixed" },
      ],
    },
  ],
  [
    "spdx2.md",
    "https://spdx.dev/Document/v2.3",
    {
      SPDXID: "SPDXRef-DOCUMENT",
      spdxVersion: "SPDX-2.3",
      dataLicense: "CC0-1.0",
      name: "app",
      documentNamespace: "https://example.com/app",
      creationInfo: { created: "2023-01-01T00:00:00Z", creators: ["Tool: t-1"] },
    },
  ],
  ["cyclonedx.md", "https://cyclonedx.org/bom/v1.4", { bomFormat: "CycloneDX", specVersion: "1.4" }],
];
