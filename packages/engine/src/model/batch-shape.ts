/**
 * Static sizes of one forward graph. The tokens are `groups` prefixes of `prefixTime` positions, then `groups · lanes` lanes
 * of `laneTime` positions. A lane sees its group's prefix; what it sees of itself is said by its mask.
 */
export interface BatchShape {
  readonly groups: number;
  /** 0 where nothing is shared. */
  readonly prefixTime: number;
  /** Lanes of each group. */
  readonly lanes: number;
  readonly laneTime: number;
  /** Positions, of all, that the head looks at. */
  readonly selected: number;
  /** True where the head looks at lanes only, so that the last layer of a prefix makes keys and values and nothing else. */
  readonly barePrefix: boolean;
  /** True where all lanes have one mask (plain causal), false where each brings its own. */
  readonly sharedMask: boolean;
}

/**
 * Names of the values that a batch feeds beside the weights. Masks are float32 and added to attention scores: 0 where the last
 * axis may be seen, very negative elsewhere.
 */
export const BATCH_INPUTS = {
  /** int32 [groups · prefixTime] */
  prefixTokens: "prefix.tokens",
  /** int32 [groups, prefixTime] */
  prefixPositions: "prefix.positions",
  /** [prefixTime, prefixTime], what a prefix sees of itself. */
  prefixCausal: "prefix.causal",
  /** [groups, 1, 1, prefixTime], what lanes see of their prefix. */
  prefixMask: "prefix.mask",
  /** int32 [groups · lanes · laneTime] */
  tokens: "lane.tokens",
  /** int32 [groups · lanes, laneTime]; each branch goes on where its prefix ends. */
  positions: "lane.positions",
  /** [1 or groups, 1, 1 or lanes, 1, laneTime, laneTime], what a lane sees of itself. */
  mask: "lane.mask",
  /** float32 [prefixTime + laneTime, headDim / 2] */
  cos: "rotary.cos",
  sin: "rotary.sin",
  /** int32 [selected], indices into all positions, prefixes first; into those of lanes where prefixes are bare */
  selected: "selected",
} as const;
