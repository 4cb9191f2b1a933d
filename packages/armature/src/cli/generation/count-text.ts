import { countKinds } from "../../generate/count-kinds.ts";

/** `name: 3 parse, 1 refusal`, or nothing where there are none. */
export function kindsLine(name: string, texts: readonly string[]): readonly string[] {
  const counts = Object.entries(countKinds(texts)).map(([kind, count]) => `${count} ${kind}`);
  return counts.length === 0 ? [] : [`${name}: ${counts.join(", ")}`];
}
