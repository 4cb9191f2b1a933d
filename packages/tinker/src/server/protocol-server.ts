import { checkpointRoutes } from "./checkpoint-routes.ts";
import { futureRoutes } from "./future-routes.ts";
import { HttpListener, type ListenerOptions } from "./http-listener.ts";
import { modelRoutes } from "./model-routes.ts";
import { openAiRoutes } from "./openai-routes.ts";
import { samplingRoutes } from "./sampling-routes.ts";
import { Service, type ServiceLimits } from "./service.ts";
import { sessionRoutes } from "./session-routes.ts";
import type { TrainingBackend } from "./training-backend.ts";
import { trainingRoutes } from "./training-routes.ts";

/** How a server is set up. */
export interface ProtocolServerOptions extends ListenerOptions {
  /** Folder of the checkpoints; it is made where there is none. */
  readonly checkpoints: string;
  readonly limits?: ServiceLimits;
}

/**
 * An engine behind the Tinker training protocol, and behind the OpenAI-compatible routes for sampling. Speaks JSON and protobuf,
 * chosen by `Content-Type` and `Accept`.
 */
export class ProtocolServer {
  readonly #listener: HttpListener;
  readonly #service: Service;

  private constructor(listener: HttpListener, service: Service) {
    this.#listener = listener;
    this.#service = service;
  }

  /** Throws `TinkerError` where it may not or cannot listen at the given place. The backend is closed with the server. */
  static async start(backend: TrainingBackend, options: ProtocolServerOptions): Promise<ProtocolServer> {
    const service = new Service(backend, options.checkpoints, options.limits);
    const routes = [
      ...sessionRoutes(service),
      ...futureRoutes(service),
      ...trainingRoutes(service),
      ...modelRoutes(service),
      ...samplingRoutes(service),
      ...checkpointRoutes(service),
      ...openAiRoutes(service),
    ];
    try {
      return new ProtocolServer(await HttpListener.listen(routes, options), service);
    } catch (error) {
      await service.close();
      throw error;
    }
  }

  /** `http://127.0.0.1:8765`: what clients take for the base URL. */
  get url(): string {
    return this.#listener.url;
  }

  /** Ends long polls with "try again", sends the answers under way, and closes the backend. */
  async close(): Promise<void> {
    await this.#listener.close();
    await this.#service.close();
  }
}
