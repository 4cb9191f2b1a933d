/** What a long loop is doing now. */
export interface ProgressStep {
  /** "round 2 judge", "evaluation" … */
  readonly phase: string;
  /** Units done in the phase, and how many there are. */
  readonly done: number;
  readonly total: number;
  /** Share of the whole run that is done, 0 to 1; without it the time left is the phase's. */
  readonly runShare?: number;
  /** Last values worth watching, in order of importance. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** Where a loop reports how far it is. */
export interface Progress {
  update(step: ProgressStep): void;
  /** A line that stays. */
  say(line: string): void;
  /** Leaves the stream at the start of a line. */
  end(): void;
}

/** The part of a writable stream that progress needs. */
export interface ProgressStream {
  readonly isTTY?: boolean | undefined;
  readonly columns?: number | undefined;
  write(text: string): unknown;
}

/** One line that redraws itself on a terminal, a plain line every few seconds elsewhere. */
export function progressOn(stream: ProgressStream, clock: () => number = Date.now): Progress {
  return stream.isTTY ? new ProgressBar(stream, clock) : new ProgressLines(stream, clock);
}

/** For `--json`, where only results are printed. */
export const SILENT_PROGRESS: Progress = { update() {}, say() {}, end() {} };

class ProgressBar implements Progress {
  readonly #stream: ProgressStream;
  readonly #clock: () => number;
  readonly #pace: Pace;
  #step: ProgressStep | undefined;
  #ticker: NodeJS.Timeout | undefined;

  constructor(stream: ProgressStream, clock: () => number) {
    this.#stream = stream;
    this.#clock = clock;
    this.#pace = new Pace(clock);
  }

  update(step: ProgressStep): void {
    this.#pace.note(step);
    this.#step = step;
    // The time goes on between slow steps, so that a waiting user sees that the run lives.
    this.#ticker ??= setInterval(() => this.#draw(), 1000).unref();
    this.#draw();
  }

  say(line: string): void {
    this.#stream.write(`\r\u001b[K${line}\n`);
    this.#draw();
  }

  end(): void {
    clearInterval(this.#ticker);
    this.#ticker = undefined;
    if (this.#step) this.#stream.write("\n");
    this.#step = undefined;
  }

  #draw(): void {
    if (!this.#step) return;
    const { done, total } = this.#step;
    const filled = Math.round((16 * done) / Math.max(total, 1));
    const bar = "█".repeat(filled) + "░".repeat(16 - filled);
    // One column stays free: a full line makes some terminals wrap.
    const room = (this.#stream.columns ?? 80) - 1;
    const line = [bar, ...this.#pace.facts(this.#step, this.#clock())].reduce(
      (text, fact) => (text.length + 2 + fact.length <= room ? `${text}  ${fact}` : text),
      this.#step.phase.slice(0, room),
    );
    this.#stream.write(`\r\u001b[K${line}`);
  }
}

/** Milliseconds between two plain lines of one phase. */
const LINE_INTERVAL = 5000;

class ProgressLines implements Progress {
  readonly #stream: ProgressStream;
  readonly #clock: () => number;
  readonly #pace: Pace;
  #phase = "";
  #printed = Number.NEGATIVE_INFINITY;

  constructor(stream: ProgressStream, clock: () => number) {
    this.#stream = stream;
    this.#clock = clock;
    this.#pace = new Pace(clock);
  }

  update(step: ProgressStep): void {
    this.#pace.note(step);
    const now = this.#clock();
    const due =
      now - this.#printed >= LINE_INTERVAL || step.phase !== this.#phase || step.done === step.total;
    if (!due) return;
    this.#phase = step.phase;
    this.#printed = now;
    this.#stream.write(`${[step.phase, ...this.#pace.facts(step, now)].join("  ")}\n`);
  }

  say(line: string): void {
    this.#stream.write(`${line}\n`);
  }

  end(): void {}
}

/** Rate of the phase and time left, from when this process began and not from what an earlier one had done. */
class Pace {
  readonly #clock: () => number;
  #phase: { name: string; since: number; from: number } | undefined;
  #run: { since: number; from: number } | undefined;

  constructor(clock: () => number) {
    this.#clock = clock;
  }

  note(step: ProgressStep): void {
    const now = this.#clock();
    if (this.#phase?.name !== step.phase) this.#phase = { name: step.phase, since: now, from: step.done };
    if (step.runShare !== undefined) this.#run ??= { since: now, from: step.runShare };
  }

  facts(step: ProgressStep, now: number): string[] {
    const phase = this.#phase!;
    const rate = (step.done - phase.from) / ((now - phase.since) / 1000);
    const left =
      step.runShare !== undefined && this.#run
        ? remaining(this.#run, step.runShare, 1, now)
        : remaining(phase, step.done, step.total, now);
    return [
      `${step.done}/${step.total}`,
      ...(Number.isFinite(rate) && rate > 0 ? [rateText(rate)] : []),
      ...(left === null ? [] : [`${durationText(left)} left`]),
      ...Object.entries(step.metrics ?? {}).map(([name, value]) => `${name} ${Number(value.toPrecision(3))}`),
    ];
  }
}

function remaining(
  began: { since: number; from: number },
  done: number,
  total: number,
  now: number,
): number | null {
  const progress = done - began.from;
  return progress > 0 ? ((now - began.since) / 1000) * ((total - done) / progress) : null;
}

function rateText(perSecond: number): string {
  return perSecond >= 0.1
    ? `${Number(perSecond.toPrecision(2))}/s`
    : `${Number((perSecond * 60).toPrecision(2))}/min`;
}

/** Seconds as `0:07`, `12:30` or `3 h 05`. */
export function durationText(seconds: number): string {
  const whole = Math.round(seconds);
  const two = (value: number): string => String(value).padStart(2, "0");
  return whole < 3600
    ? `${Math.floor(whole / 60)}:${two(whole % 60)}`
    : `${Math.floor(whole / 3600)} h ${two(Math.floor((whole % 3600) / 60))}`;
}
