/** Access to an environment of the schema registry. */
export interface EnvironmentAccess {
  readonly url: string;
  readonly environment: string;
  readonly token: string;
}

/** Access of a gateway to the schema registry. */
export interface RegistryAccess extends EnvironmentAccess {
  /** Name of this gateway, unlike that of all others. */
  readonly gateway: string;
  /** NATS over which launches are announced; undefined: they are found by polling. */
  readonly natsUrl?: string | undefined;
}

/** Access of a gateway that reports which operations clients use. */
export interface UsageOptions extends RegistryAccess {
  /** Share of the operations that count, from 0 to 1. */
  readonly sampling: number;
  readonly intervalMs: number;
}
