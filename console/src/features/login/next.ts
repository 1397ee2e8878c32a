/** Where to go after signing in: a path of this site, whatever else was asked for. */
export function safeNext(next: string | undefined): string {
  if (!next?.startsWith("/") || next.startsWith("//") || /[\\\n\r\t]/.test(next)) return "/";
  const base = "https://console.invalid";
  try {
    const url = new URL(next, base);
    return url.origin === base && url.pathname !== "/login" ? `${url.pathname}${url.search}${url.hash}` : "/";
  } catch {
    return "/";
  }
}
