import { TinkerError } from "../errors.ts";

const PREFIX = "tinker://";
const FOLDERS = { weights: "training", sampler_weights: "sampler" } as const;

/** The strictest name that a known server takes, so that a recipe that runs on one runs on all. */
const NAME = /^[a-zA-Z0-9_-]{1,255}$/;

/** A checkpoint's address, taken apart. */
export interface CheckpointPath {
  /** The training run, which is the model's id; it may contain colons. */
  readonly run: string;
  readonly kind: "training" | "sampler";
  readonly name: string;
}

/** Reads `tinker://<run>/weights/<name>` or `…/sampler_weights/<name>`. Throws `TinkerError` of kind `user`. */
export function readCheckpointPath(path: string): CheckpointPath {
  // Not through URL, which lower-cases the run and refuses its colons.
  const [run, folder, name, ...rest] = path.startsWith(PREFIX) ? path.slice(PREFIX.length).split("/") : [];
  const kind = folder !== undefined && Object.hasOwn(FOLDERS, folder) ? folder : undefined;
  if (!run || !kind || !name || rest.length > 0 || [run, name].some((part) => part === "." || part === ".."))
    throw new TinkerError(
      "user",
      `${JSON.stringify(path)} is no checkpoint path; it has the form tinker://RUN/weights/NAME or tinker://RUN/sampler_weights/NAME`,
    );
  return { run, kind: FOLDERS[kind as keyof typeof FOLDERS], name };
}

/** Writes a checkpoint's address. */
export function writeCheckpointPath({ run, kind, name }: CheckpointPath): string {
  return `${PREFIX}${run}/${checkpointId(kind, name)}`;
}

/** The part of a path that stands in routes: `weights/NAME` or `sampler_weights/NAME`. */
export const checkpointId = (kind: CheckpointPath["kind"], name: string): string =>
  `${kind === "training" ? "weights" : "sampler_weights"}/${name}`;

/** Refuses a checkpoint name that some server would not take. */
export function checkCheckpointName(name: string): void {
  if (!NAME.test(name))
    throw new TinkerError(
      "user",
      `checkpoint name ${JSON.stringify(name)}: use 1 to 255 letters, digits, _ and -`,
    );
}
