/** Nodes on [0, 1) of the Kronrod rule with 15 points, mirrored; every second one is a node of Gauss' rule with 7 points. */
const NODES = [
  0.9914553711208126, 0.9491079123427585, 0.8648644233597691, 0.7415311855993945, 0.5860872354676911,
  0.4058451513773972, 0.20778495500789848, 0,
];
const KRONROD = [
  0.022935322010529224, 0.06309209262997856, 0.10479001032225019, 0.14065325971552592, 0.1690047266392679,
  0.19035057806478542, 0.20443294007529889, 0.20948214108472782,
];
const GAUSS = [0.1294849661688697, 0.27970539148927664, 0.3818300505051189, 0.4179591836734694];
const PANELS = 64;
/** Halvings of a panel: enough to enclose a jump so tightly that it no longer counts. */
const DEEPEST = 44;

/**
 * Integrals of several functions over [0, 1] at once, by adaptive Gauss–Kronrod quadrature (Piessens et al. 1983) to an
 * absolute error of about 1e-13 each. The functions must be finite and may jump.
 */
export function integrate(values: (x: number) => readonly number[]): readonly number[] {
  const total: number[] = [];
  for (let panel = 0; panel < PANELS; panel++) add(panel / PANELS, (panel + 1) / PANELS, 0);
  return total;

  function add(from: number, to: number, depth: number): void {
    const { sums, error } = panelSums(values, from, to);
    if (error <= 1e-14 || depth === DEEPEST) {
      for (const [i, sum] of sums.entries()) total[i] = (total[i] ?? 0) + sum;
      return;
    }
    add(from, (from + to) / 2, depth + 1);
    add((from + to) / 2, to, depth + 1);
  }
}

function panelSums(
  values: (x: number) => readonly number[],
  from: number,
  to: number,
): { readonly sums: readonly number[]; readonly error: number } {
  const half = (to - from) / 2;
  const centre = (from + to) / 2;
  const kronrod: number[] = [];
  const gauss: number[] = [];
  for (const [i, node] of NODES.entries()) {
    for (const x of node === 0 ? [centre] : [centre - half * node, centre + half * node]) {
      for (const [k, value] of values(x).entries()) {
        kronrod[k] = (kronrod[k] ?? 0) + half * KRONROD[i]! * value;
        if (i % 2 === 1) gauss[k] = (gauss[k] ?? 0) + half * GAUSS[(i - 1) / 2]! * value;
      }
    }
  }
  return { sums: kronrod, error: Math.max(...kronrod.map((sum, k) => Math.abs(sum - gauss[k]!))) };
}
