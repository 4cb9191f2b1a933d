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
  /** Processor time of all threads: on a busy machine steadier than wall time. */
  readonly cpuSeconds: number;
  readonly tokens: number;
  /** Peak of resident memory since the program began. */
  readonly peakBytes: number;
}

export interface Comparison {
  readonly ours: readonly Round[];
  readonly peer: readonly Round[];
}

export interface TurnOptions {
  /** Measured rounds of each contender. */
  readonly rounds: number;
  /** Rounds before them that are not counted: the first ones pay for page faults and for building sessions. */
  readonly warmup: number;
  /** Cores that both are pinned to, as `taskset` names them. */
  readonly cores: string;
}

/** Runs two contenders in turns, see `allInTurns`. */
export async function inTurns(ours: Contender, peer: Contender, options: TurnOptions): Promise<Comparison> {
  const [first, second] = await allInTurns([ours, peer], options);
  return { ours: first!, peer: second! };
}

/**
 * Runs contenders in turns on the same pinned cores, so that a drift of the machine's speed hits all. All stay loaded; those
 * that wait are blocked on their input. Who begins rotates. Gives the measured rounds of each. Throws where a contender
 * fails, with the end of what it wrote to stderr.
 */
export async function allInTurns(
  contenders: readonly Contender[],
  options: TurnOptions,
): Promise<readonly (readonly Round[])[]> {
  const running = contenders.map((contender) => new Running(contender, options.cores));
  const measured: Round[][] = contenders.map(() => []);
  try {
    for (const contender of running) await contender.ready();
    for (let round = -options.warmup; round < options.rounds; round++) {
      for (let turn = 0; turn < running.length; turn++) {
        const side = (turn + Math.abs(round)) % running.length;
        const result = await running[side]!.go();
        if (round >= 0) measured[side]!.push(result);
      }
    }
    return measured;
  } finally {
    for (const contender of running) contender.stop();
  }
}

/** Peak of resident memory, in bytes, after some rounds of a contender alone. */
export async function peakMemory(contender: Contender, rounds: number, cores: string): Promise<number> {
  const running = new Running(contender, cores);
  try {
    await running.ready();
    let peak = 0;
    for (let round = 0; round < rounds; round++) peak = (await running.go()).peakBytes;
    return peak;
  } finally {
    running.stop();
  }
}

class Running {
  readonly name: string;
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #lines: AsyncIterator<string>;
  #errors = "";

  constructor(contender: Contender, cores: string) {
    this.name = contender.name;
    const [program, ...rest] = ["taskset", "-c", cores, ...contender.command];
    this.#process = spawn(program!, rest, { env: { ...process.env, HF_HUB_OFFLINE: "1" } });
    const keep = (text: string) => {
      this.#errors = (this.#errors + text).slice(-2000);
    };
    this.#process.stderr.on("data", (chunk) => keep(String(chunk)));
    this.#process.on("error", (error) => keep(error.message));
    this.#process.on("exit", (code, signal) => keep(`\nended with ${signal ?? `status ${code}`}`));
    // A program that ended is reported by the missing answer.
    this.#process.stdin.on("error", () => {});
    this.#lines = createInterface(this.#process.stdout)[Symbol.asyncIterator]();
    this.#process.stdin.write(`${JSON.stringify(contender.settings)}\n`);
  }

  async ready(): Promise<void> {
    await this.#reply();
  }

  async go(): Promise<Round> {
    this.#process.stdin.write("go\n");
    const { seconds, cpu_seconds, tokens, peak_bytes } = await this.#reply();
    return { seconds: seconds!, cpuSeconds: cpu_seconds!, tokens: tokens!, peakBytes: peak_bytes! };
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
