/** Keeps what is secret out of text that comes from elsewhere: a registry may repeat what it was sent. */
export type Redactor = {
  add(secret: string): void;
  redact(text: string): string;
};

/** Anything shorter would cut holes into ordinary text. */
const shortestSecret = 4;

export function createRedactor(): Redactor {
  const secrets = new Set<string>();
  return {
    add: (secret) => {
      for (const form of [secret, encodeURIComponent(secret), Buffer.from(secret).toString("base64")])
        if (form.length >= shortestSecret) secrets.add(form);
    },
    redact: (text) => {
      // Longest first: one secret may hold another.
      const ordered = [...secrets].sort((a, b) => b.length - a.length);
      return ordered.reduce((rest, secret) => rest.replaceAll(secret, "***"), text);
    },
  };
}

/** A URL for people: no user, no query, since storage URLs carry signatures there. */
export function shownUrl(url: URL): string {
  return `${url.origin}${url.pathname}${url.search === "" ? "" : "?..."}`;
}
