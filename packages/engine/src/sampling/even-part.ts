/** The largest divisor of a size that is at most `most`; where all of those are below `least`, the size itself. */
export function evenPart(size: number, least: number, most: number): number {
  for (let part = most; part >= least; part--) if (size % part === 0) return part;
  return size;
}
