/** How often each kind occurs among texts of the form `kind: detail`, most frequent first. */
export function countKinds(texts: Iterable<string>): Readonly<Record<string, number>> {
  const counts = new Map<string, number>();
  for (const text of texts) {
    const kind = text.split(":", 1)[0]!;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
  }
  return Object.fromEntries([...counts].sort(([, a], [, b]) => b - a));
}
