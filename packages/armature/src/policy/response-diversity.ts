/** Share of distinct items among all: 1 where none is repeated. NaN where there are none. (distinct-n, Li et al. 2016.) */
export function distinctShare(items: readonly string[]): number {
  return new Set(items).size / items.length;
}
