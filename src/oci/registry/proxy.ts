/** Variables of an environment that name proxies, as curl and most programs read them. */
export type ProxyVariables = Readonly<Record<string, string>>;

const names = ["http_proxy", "https_proxy"];

/**
 * Takes the proxies out of an environment; undefined when there are none. This machine itself is never reached over
 * one.
 */
export function proxiesIn(
  environment: Readonly<Record<string, string | undefined>>,
): ProxyVariables | undefined {
  const valueOf = (name: string) => environment[name] || environment[name.toUpperCase()];
  const found = names.flatMap((name): [string, string][] => {
    const value = valueOf(name);
    return value ? [[name, value]] : [];
  });
  if (found.length === 0) return undefined;
  const direct = [valueOf("no_proxy"), "localhost", "127.0.0.1", "[::1]"].filter(Boolean).join(",");
  return { ...Object.fromEntries(found), no_proxy: direct };
}
