type Section = Readonly<Record<string, unknown>>;

/**
 * What the parts of a combined reward take where a recipe leaves it out: a weight of 1, no gate, and the defaults of the kind that
 * its reward names last. `said` are a recipe's layers as plain values, lowest first; `kinds` the defaults of reward kinds.
 */
export function partDefaults(said: readonly unknown[], kinds: readonly object[]): object {
  const rewards = said.map((layer) => sectionOf(sectionOf(layer)["reward"]));
  if (rewards.findLast(({ kind }) => kind !== undefined)?.["kind"] !== "combined") return {};
  const parts: Record<string, object> = {};
  for (const reward of rewards)
    for (const [name, part] of Object.entries(sectionOf(reward["parts"]))) {
      const kind = sectionOf(sectionOf(part)["reward"])["kind"];
      const defaults = kinds.find((known) => "kind" in known && known.kind === kind);
      parts[name] = {
        weight: 1,
        gate: null,
        ...parts[name],
        ...(kind !== undefined && { reward: defaults ?? {} }),
      };
    }
  return { reward: { kind: "combined", parts } };
}

function sectionOf(value: unknown): Section {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Section) : {};
}
