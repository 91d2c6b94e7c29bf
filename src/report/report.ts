import type { RuleOutcome } from "../policy/types.js";
import type {
  BundleVerdict,
  Check,
  Failure,
  Omission,
  Verification,
  VerifiedSigner,
} from "../verification/types.js";
import { notReachedMessage } from "../verification/findings.js";
import { html, type Html } from "./html.js";
import { reportStyle } from "./style.js";
import { because, bundlesWith, checkWords, headline, rootWords, standing, tellingFailures } from "./words.js";

/**
 * A verdict as one HTML file that needs nothing else: at the top whether and why, below each check to unfold.
 * No scripts; whatever came from a bundle is escaped, and a content security policy forbids the rest.
 */
export function reportHtml(verification: Verification): string {
  const { policy, bundles } = verification;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'" />
        <title>${headline(verification)}</title>
        <style>
          ${{ html: reportStyle }}
        </style>
      </head>
      <body>
        <main>
          <header class="${standing(verification)}" role="status">
            <h1>${signs[standing(verification)]} ${headline(verification)}</h1>
            <p>${because(verification)}</p>
          </header>
          ${reasons(verification)}
          <h2>What was asked</h2>
          <section>${question(verification)}</section>
          ${policy === undefined ? html`` : rules(policy.policy, policy.rules)}
          <h2>${bundles.length === 1 ? "The bundle" : `The ${bundles.length} bundles`}</h2>
          ${bundles.map((bundle) => bundleSection(bundle, bundles.length === 1))}
          <footer>
            What is marked as not checked must not be taken for granted. A verdict is about the artifact with
            the digest above, and no other.
          </footer>
        </main>
      </body>
    </html> `;
  return page.html;
}

const signs = { good: "\u2713", bad: "\u2717", open: "?" } as const;

function reasons(verification: Verification): Html {
  const { passed, bundles } = verification;
  if (passed) return html``;
  return html`<h2>Why not</h2>
    ${tellingFailures(verification).map((failure) => failureRow(failure, { open: true, bundles: bundlesWith(failure, bundles) }))}`;
}

function question(verification: Verification): Html {
  const { artifact, requirement, judgedAt, trustedRoot } = verification;
  const digests = Object.entries(artifact.digests).map(
    ([name, digest]) => html`<code>${name}:${digest}</code><br />`,
  );
  const wanted = {
    any: "one bundle that holds",
    all: "every bundle holds",
    threshold: requirement.kind === "threshold" ? `bundles of ${requirement.signers} different signers` : "",
  }[requirement.kind];
  return html`<dl>
    <dt>Artifact</dt>
    <dd>${artifact.name}</dd>
    <dt>Digest</dt>
    <dd>${digests}</dd>
    <dt>Required</dt>
    <dd>${wanted}</dd>
    <dt>Judged</dt>
    <dd>${judgedAt}</dd>
    ${
      trustedRoot === undefined
        ? html``
        : html`<dt>Trusted root</dt>
            <dd>${rootWords(verification) ?? ""}<br /><code>sha256:${trustedRoot.sha256}</code></dd>`
    }
  </dl>`;
}

function rules(policy: string, outcomes: readonly RuleOutcome[]): Html {
  return html`<h2>Policy ${policy}</h2>
    ${outcomes.map(({ rule, passed, reason }) => row({ state: passed ? "passed" : "failed", what: rule, message: reason, inside: html`<p>${passed ? "The rule is met." : "The rule is not met."}</p>`, open: false }))}`;
}

/** One of several is folded: the reasons that matter stand above. */
function bundleSection(bundle: BundleVerdict, open: boolean): Html {
  const { name, passed, signer, times, statement, checks, notChecked, failures } = bundle;
  return html`<details class="bundle" ${open ? html`open` : html``}>
    <summary>
      <span class="mark ${passed ? "passed" : "failed"}">${passed ? "holds" : "does not hold"}</span>
      <h3>${name}</h3>
    </summary>
    <div>
      <dl>
        ${
          signer === undefined
            ? html``
            : html`<dt>Signed by</dt>
                <dd>${describeSigner(signer)}</dd>`
        }
        ${times.map(
          ({ time, source }) =>
            html`<dt>Signed at</dt>
              <dd>${time} (${source})</dd>`,
        )}
        ${
          statement === undefined
            ? html``
            : html`<dt>States</dt>
                <dd><code>${statement.predicateType}</code></dd>`
        }
      </dl>
      ${failures.map((failure) => failureRow(failure, { open: false, bundles: "" }))} ${checks.map(checkRow)}
      ${notChecked.filter(({ message }) => message !== notReachedMessage).map(omissionRow)}
      ${unreachedRow(notChecked.filter(({ message }) => message === notReachedMessage))}
    </div>
  </details>`;
}

function describeSigner(signer: VerifiedSigner): Html {
  if (signer.kind === "key") return html`key <code>${signer.hint}</code> (${signer.algorithm})`;
  const claims = Object.entries(signer.claims).map(
    ([name, value]) => html`<br />${name} <code>${value}</code>`,
  );
  return html`${signer.identity}<br />vouched for by ${signer.issuer}${claims}`;
}

function failureRow(
  { check, code, message, expected, got }: Failure,
  { open, bundles }: { open: boolean; bundles: string },
): Html {
  const where =
    bundles === ""
      ? html``
      : html`<dt>In</dt>
          <dd>${bundles}</dd>`;
  const inside = html`<p>${checkWords[check].explanation}</p>
    <dl>
      ${where}
      <dt>Expected</dt>
      <dd>${expected}</dd>
      <dt>Got</dt>
      <dd>${got}</dd>
      <dt>Code</dt>
      <dd><code>${code}</code></dd>
    </dl>`;
  return row({ state: "failed", what: checkWords[check].title, message, inside, open });
}

function checkRow({ check, message }: Check): Html {
  const inside = html`<p>${checkWords[check].explanation}</p>`;
  return row({ state: "passed", what: checkWords[check].title, message, inside, open: false });
}

function omissionRow({ check, message }: Omission): Html {
  const inside = html`<p>${checkWords[check].explanation} Nobody looked.</p>`;
  return row({ state: "open", what: checkWords[check].title, message, inside, open: false });
}

/** What an earlier failure left out, in one row: it says nothing more of each. */
function unreachedRow(omissions: readonly Omission[]): Html {
  if (omissions.length === 0) return html``;
  const titles = omissions.map(({ check }) => checkWords[check].title);
  const inside = html`<p>${titles.join(", ")}. Nobody looked.</p>`;
  const what = `${titles.length} further ${titles.length === 1 ? "check" : "checks"}`;
  return row({ state: "open", what, message: notReachedMessage, inside, open: false });
}

type Row = {
  state: "passed" | "failed" | "open";
  what: string;
  message: string;
  inside: Html;
  open: boolean;
};

const marks = { passed: "passed", failed: "failed", open: "not checked" } as const;

function row({ state, what, message, inside, open }: Row): Html {
  return html`<details${open ? html` open` : html``}><summary><span class="mark ${state}">${marks[state]}</span><span class="what">${what}</span><span class="message">${message}</span></summary><div>${inside}</div></details>
`;
}
