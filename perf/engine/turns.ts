import { type ChildProcessWithoutNullStreams, spawn } from "node:child_process";
import { createInterface } from "node:readline";

/** A contender: a program that reads settings as one JSON line and then does one measured round per line "go". */
export interface Contender {
  readonly name: string;
  readonly command: readonly string[];
  readonly settings: unknown;
}

export interface Round {
  readonly seconds: number;
  readonly tokens: number;
  readonly peakBytes: number;
}

export interface Comparison {
  readonly rounds: Readonly<Record<string, readonly Round[]>>;
  /** Peer seconds per token over ours, one ratio per turn: above 1 means ours is faster. */
  readonly ratios: readonly number[];
  readonly medianRatio: number;
}

/**
 * Runs two contenders in turns on the same pinned cores, so that a drift of the machine's speed hits both. Both stay loaded;
 * the one that waits is blocked on its input. The first `warmup` rounds of each are not counted.
 */
export async function inTurns(
  ours: Contender,
  peer: Contender,
  options: { rounds: number; warmup: number; cores: string },
): Promise<Comparison> {
  const processes = [new Running(ours, options.cores), new Running(peer, options.cores)] as const;
  try {
    for (const running of processes) await running.ready();
    const rounds: Record<string, Round[]> = { [ours.name]: [], [peer.name]: [] };
    for (let round = -options.warmup; round < options.rounds; round++) {
      for (const running of processes) {
        const measured = await running.go();
        if (round >= 0) rounds[running.name]!.push(measured);
      }
    }
    const perToken = (r: Round) => r.seconds / r.tokens;
    const ratios = rounds[ours.name]!.map((mine, i) => perToken(rounds[peer.name]![i]!) / perToken(mine));
    return { rounds, ratios, medianRatio: median(ratios) };
  } finally {
    for (const running of processes) running.stop();
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

class Running {
  readonly name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  constructor(contender: Contender, cores: string) {
    this.name = contender.name;
    const [program, ...rest] = ["taskset", "-c", cores, ...contender.command];
    this.#process = spawn(program!, rest);
    this.#process.stderr.on("data", (chunk) => {
      this.#errors = (this.#errors + chunk).slice(-2000);
    });
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
    this.#process.stdin.write(`${JSON.stringify(contender.settings)}\n`);
  }

  async ready(): Promise<void> {
    await this.#reply();
  }

  async go(): Promise<Round> {
    this.#process.stdin.write("go\n");
    const { seconds, tokens, peak_bytes } = await this.#reply();
    return { seconds: seconds!, tokens: tokens!, peakBytes: peak_bytes! };
  }

  stop(): void {
    this.#process.kill("SIGKILL");
  }

  async #reply(): Promise<Record<string, number>> {
    for (;;) {
      const { value, done } = await this.#lines.next();
      if (done)
        throw new Error(`${this.name} ended early: ${this.#errors.trim().split("\n").slice(-3).join(" | ")}`);
      if (value.startsWith("{")) return JSON.parse(value) as Record<string, number>;
    }
  }
}
