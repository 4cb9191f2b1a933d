import type { BenchScorer } from "../bench/bench-scorer.ts";
import type { JudgeItemsOptions } from "../bench/judge-items.ts";
import type { PreferencePair } from "../data/prompt.ts";
import type { BootstrapSettings, Interval } from "../evaluation/bootstrap.ts";
import { type DuelOutcome, fightDuels, meanOverPrompts, shareOverPrompts } from "./duels.ts";
import type { Intervention, SurfaceFeature } from "./interventions.ts";

/** What an intervention does to verdicts. Shares lie in 0 to 1, ties count half, unreadable verdicts are left out. */
export interface InterventionEffect {
  readonly intervention: string;
  readonly what: string;
  /** Pairs of which it changes at least one response. */
  readonly pairs: number;
  /** How often the changed response is preferred to itself unchanged; 0.5 is indifference. */
  readonly preferred: Interval | null;
  /** Changed less unchanged score, where the scorer gives scores. */
  readonly scoreGain: Interval | null;
  /** Preference for the better response of a pair when the worse one is changed, less that of the pair as it is. */
  readonly worseChanged: Interval | null;
  /** The same when the better one is changed. */
  readonly betterChanged: Interval | null;
  /** Pairs that were right and are wrong when the worse response is changed, of those that were right. */
  readonly turned: Interval | null;
}

/** How verdicts go with a feature that should not count. */
export interface FeatureAssociation {
  readonly feature: string;
  readonly unit: string;
  /** Pairs whose responses differ in it, and those that do not. */
  readonly pairs: number;
  readonly equal: number;
  /** How often the response with more of it is preferred by the scorer, and by the labels. */
  readonly scorer: Interval | null;
  readonly labels: Interval | null;
  /** Preference for the better response where it has more of it, and where it has less. */
  readonly betterHasMore: Interval | null;
  readonly betterHasLess: Interval | null;
}

/** What a scorer makes of a surface feature. */
export interface SurfaceStudy {
  readonly scorer: string;
  readonly pairs: number;
  /** Preference for the better response of the pairs as they are. */
  readonly accuracy: Interval | null;
  readonly undecided: number;
  readonly association: FeatureAssociation;
  readonly effects: readonly InterventionEffect[];
}

/**
 * Length or style as a cause, not only as a correlate: every response is also shown changed in nothing but the feature, against
 * itself and in its pair. Intervals draw prompts.
 */
export async function studySurface(
  pairs: readonly PreferencePair[],
  scorer: BenchScorer,
  feature: SurfaceFeature,
  interventions: readonly Intervention[],
  settings: BootstrapSettings & JudgeItemsOptions,
): Promise<SurfaceStudy> {
  const asked = pairs.flatMap((pair, place) => {
    const { chosen, rejected } = pair;
    const duel = (kind: string, first: string, second: string) => {
      return { place, kind, prompt: pair.prompt, first, second };
    };
    return [
      duel("as it is", chosen, rejected),
      ...interventions.flatMap(({ name, apply }) => {
        const [better, worse] = [apply(chosen), apply(rejected)];
        return [
          ...(better === chosen
            ? []
            : [duel(`${name}: self`, better, chosen), duel(`${name}: better`, better, rejected)]),
          ...(worse === rejected
            ? []
            : [duel(`${name}: self`, worse, rejected), duel(`${name}: worse`, chosen, worse)]),
        ];
      }),
    ];
  });
  const outcomes = await fightDuels(asked, scorer, settings);
  const found: readonly Found[] = asked.map((duel, i) => ({ ...duel, outcome: outcomes[i]! }));
  const base = new Map(
    found.flatMap(({ kind, place, outcome }) =>
      kind === "as it is" ? [[place, outcome.preference] as const] : [],
    ),
  );
  const ofPrompts = (list: readonly PlacedValue[]) =>
    list.map(({ place, value }) => ({ promptId: pairs[place]!.prompt.id, value }));
  const over: Over = {
    share: (list) => shareOverPrompts(ofPrompts(list), settings),
    mean: (list) => meanOverPrompts(ofPrompts(list), settings),
  };
  const baseValues = [...base].map(([place, value]) => ({ place, value }));
  return {
    scorer: scorer.id,
    pairs: pairs.length,
    accuracy: over.share(baseValues),
    undecided: baseValues.filter(({ value }) => value === null).length,
    association: associationOf(pairs, base, feature, over),
    effects: interventions.map(({ name, what }) => effectOf(name, what, found, base, over)),
  };
}

interface Found {
  readonly place: number;
  readonly kind: string;
  readonly outcome: DuelOutcome;
}

interface PlacedValue {
  readonly place: number;
  readonly value: number | null;
}

/** Intervals over prompts, of shares and of differences. */
interface Over {
  share(list: readonly PlacedValue[]): Interval | null;
  mean(list: readonly PlacedValue[]): Interval | null;
}

function effectOf(
  name: string,
  what: string,
  found: readonly Found[],
  base: ReadonlyMap<number, number | null>,
  over: Over,
): InterventionEffect {
  const of = (part: string) => found.filter(({ kind }) => kind === `${name}: ${part}`);
  const change = (part: string) =>
    over.mean(
      of(part).map(({ place, outcome }) => ({ place, value: less(outcome.preference, base.get(place)!) })),
    );
  const self = of("self");
  return {
    ...{ intervention: name, what, pairs: new Set(self.map(({ place }) => place)).size },
    preferred: over.share(self.map(({ place, outcome }) => ({ place, value: outcome.preference }))),
    scoreGain: over.mean(
      self.map(({ place, outcome: { scores } }) => ({
        place,
        value: scores === null ? null : less(scores.first, scores.second),
      })),
    ),
    worseChanged: change("worse"),
    betterChanged: change("better"),
    turned: over.share(
      of("worse").flatMap(({ place, outcome: { preference } }) =>
        (base.get(place) ?? 0) > 0.5 && preference !== null
          ? [{ place, value: Number(preference < 0.5) }]
          : [],
      ),
    ),
  };
}

function associationOf(
  pairs: readonly PreferencePair[],
  base: ReadonlyMap<number, number | null>,
  { name, unit, count }: SurfaceFeature,
  over: Over,
): FeatureAssociation {
  const counted = pairs.map(({ chosen, rejected }, place) => {
    return { place, lead: Math.sign(count(chosen) - count(rejected)), preference: base.get(place)! };
  });
  const differing = counted.filter(({ lead }) => lead !== 0);
  const where = (sign: number) =>
    over.share(
      differing.flatMap(({ place, lead, preference }) =>
        lead === sign ? [{ place, value: preference }] : [],
      ),
    );
  return {
    ...{ feature: name, unit, pairs: differing.length, equal: counted.length - differing.length },
    scorer: over.share(
      differing.map(({ place, lead, preference }) => ({
        place,
        value: preference === null || lead > 0 ? preference : 1 - preference,
      })),
    ),
    labels: over.share(differing.map(({ place, lead }) => ({ place, value: Number(lead > 0) }))),
    betterHasMore: where(1),
    betterHasLess: where(-1),
  };
}

function less(one: number | null, other: number | null): number | null {
  return one === null || other === null ? null : one - other;
}
