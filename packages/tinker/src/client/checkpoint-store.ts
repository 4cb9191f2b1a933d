import type { z } from "zod";
import { TinkerError } from "../errors.ts";
import {
  type Checkpoint,
  CheckpointsReply,
  checkpointId,
  readCheckpointPath,
  readJson,
  TrainingRun,
  TrainingRunsReply,
  WeightsInfo,
} from "../wire/index.ts";
import { type DownloadLimits, downloadArchive } from "./archive-download.ts";
import { type HttpCall, replyText } from "./http-call.ts";
import type { HttpTransport } from "./http-transport.ts";

/** Training runs and checkpoints on a server. Paths are `tinker://RUN/weights/NAME` or `…/sampler_weights/NAME`. */
export class CheckpointStore {
  readonly #transport: HttpTransport;

  constructor(transport: HttpTransport) {
    this.#transport = transport;
  }

  /** All training runs, the latest page by page. */
  async *runs(): AsyncGenerator<TrainingRun> {
    for (let offset = 0; ; ) {
      const { training_runs, cursor } = await this.#read(TrainingRunsReply, {
        method: "GET",
        path: `training_runs?limit=100&offset=${offset}`,
      });
      yield* training_runs;
      offset += training_runs.length;
      if (training_runs.length === 0 || offset >= (cursor?.total_count ?? 0)) return;
    }
  }

  run(runId: string): Promise<TrainingRun> {
    return this.#read(TrainingRun, { method: "GET", path: `training_runs/${segment(runId)}` });
  }

  /** Checkpoints of a run. */
  async list(runId: string): Promise<readonly Checkpoint[]> {
    const path = `training_runs/${segment(runId)}/checkpoints`;
    return (await this.#read(CheckpointsReply, { method: "GET", path })).checkpoints;
  }

  /** What a model must be to take the weights. */
  weightsInfo(path: string): Promise<WeightsInfo> {
    return this.#read(WeightsInfo, { path: "weights_info", body: { tinker_path: path } });
  }

  async delete(path: string): Promise<void> {
    await this.#transport.call({ method: "DELETE", path: route(path) });
  }

  /** Lets a checkpoint expire after so many seconds, or never. */
  async setTtl(path: string, seconds: number | null): Promise<void> {
    await this.#transport.call({ method: "PUT", path: `${route(path)}/ttl`, body: { ttl_seconds: seconds } });
  }

  /** Makes a checkpoint readable by other accounts, or takes that back. */
  async setPublic(path: string, isPublic: boolean): Promise<void> {
    await this.#transport.call({ method: isPublic ? "POST" : "DELETE", path: `${route(path)}/publish` });
  }

  /**
   * Downloads a checkpoint's files into a new folder: whole and checked, or not at all. The key goes to the server alone, not
   * to where the archive lies.
   */
  download(path: string, folder: string, limits: Partial<DownloadLimits> = {}): Promise<readonly string[]> {
    return downloadArchive(this.#transport, `${route(path)}/archive`, folder, limits);
  }

  async #read<T extends z.ZodType>(schema: T, call: HttpCall): Promise<z.output<T>> {
    return readJson(schema, replyText(await this.#transport.call(call)), call.path, "protocol");
  }
}

function route(path: string): string {
  const { run, kind, name } = readCheckpointPath(path);
  return `training_runs/${segment(run)}/checkpoints/${checkpointId(kind, segment(name))}`;
}

/** Colons stay as they are, as all servers expect; what would change the route is refused. */
function segment(text: string): string {
  if (!/^[\w.:-]+$/.test(text) || text === "." || text === "..")
    throw new TinkerError("user", `${JSON.stringify(text)} is no id of a run or a checkpoint`);
  return text;
}
