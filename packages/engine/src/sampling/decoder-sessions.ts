import type { Tensor } from "../graph/tensor.ts";
import { rotaryTables } from "../model/rotary.ts";
import { type FeedValues, GraphSession, type Results } from "../runtime/session.ts";
import { SessionCache } from "../runtime/session-cache.ts";
import { PANELS, type SampledModel } from "./decoder-network.ts";
import { panelCopy } from "./panel-copy.ts";
import { ROTARY_INPUTS } from "./positions.ts";

/** Values of the weights by name. Asked anew for each session used, so that they may be replaced between calls. */
export type WeightSource = (name: string) => Float32Array;

type Feeds = Record<string, FeedValues>;

/** Memory that idle sessions may hold, about: what one layer of their runs takes, and new keys and values. */
const SESSION_BYTES = 2 ** 29;

/** A graph by its shape. */
export interface GraphSource {
  readonly key: string;
  readonly build: () => Record<string, Tensor>;
  /** Tokens that a run reads. */
  readonly tokens: number;
  /** Of them, those whose logits are in memory at a time. */
  readonly logitRows: number;
}

/** One graph with the weights that it reads. The other inputs are bound before it runs and may change in place after. */
export class PreparedGraph {
  readonly #session: GraphSession;
  readonly #feeds: Feeds;

  constructor(session: GraphSession, weights: Feeds) {
    this.#session = session;
    this.#feeds = weights;
  }

  bind(feeds: Feeds): this {
    Object.assign(this.#feeds, feeds);
    return this;
  }

  run(): Promise<Results> {
    return this.#session.run(this.#feeds);
  }
}

/** Sessions of the decoder's graphs by their shape, and the rotary tables that they read. */
export class DecoderSessions {
  readonly #model: SampledModel;
  readonly #threads: number;
  readonly #sessions: SessionCache;
  readonly #rotary = new Map<number, Feeds>();

  constructor(model: SampledModel, threads: number, sessions: number) {
    this.#model = model;
    this.#threads = threads;
    this.#sessions = new SessionCache({ sessions, bytes: SESSION_BYTES });
  }

  /** The graph of this key over these weights; `build` is called where there is none yet. Run it before asking for another. */
  async prepare(
    { key, build, tokens, logitRows }: GraphSource,
    weights: WeightSource,
  ): Promise<PreparedGraph> {
    const { hiddenSize, intermediateSize, layers, keyValueHeads, headDim, vocabularySize } =
      this.#model.config;
    const perToken = 12 * hiddenSize + 4 * intermediateSize + 2 * layers * keyValueHeads * headDim;
    const floats = tokens * perToken + 3 * logitRows * vocabularySize;
    const session = await this.#sessions.get(
      key,
      () => GraphSession.create(build(), { threads: this.#threads }),
      floats * Float32Array.BYTES_PER_ELEMENT,
    );
    const feeds: Feeds = {};
    for (const { name, shape } of session.inputs) {
      if (name === ROTARY_INPUTS.cos) Object.assign(feeds, this.#rotaryFeeds(shape[0]!));
      else if (name.endsWith(".weight")) feeds[name] = weights(name);
      else if (name.endsWith(PANELS))
        feeds[name] = panelCopy(weights(name.slice(0, -PANELS.length)), shape as [number, number, number]);
    }
    return new PreparedGraph(session, feeds);
  }

  release(): Promise<void> {
    return this.#sessions.release();
  }

  #rotaryFeeds(positions: number): Feeds {
    let feeds = this.#rotary.get(positions);
    if (!feeds) {
      const { cos, sin } = rotaryTables(this.#model.config, positions);
      feeds = { [ROTARY_INPUTS.cos]: cos, [ROTARY_INPUTS.sin]: sin };
      this.#rotary.set(positions, feeds);
    }
    return feeds;
  }
}
