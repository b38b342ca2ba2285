// Errors as orewatch tells them: a code, a reason for programs, a sentence for people, and what can be done.
import { Code, ConnectError } from "@connectrpc/connect";
import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "./gen/google/rpc/error_details_pb.js";

// What a failed call says about itself.
export interface Problem {
  code: Code;
  // For people.
  message: string;
  // For programs: stable, and finer than the code. Empty: the error comes from the network, not from orewatch.
  reason: string;
  // What the reason is about, such as the earliest revision that there still is.
  metadata: Record<string, string>;
  // Each field of the request that is wrong, and what is wrong with it.
  violations: { field: string; description: string }[];
  // When a repetition may succeed; undefined: the server does not know.
  retryMs: number | undefined;
}

// Reads code and google.rpc details of a failed call.
export function problemOf(error: ConnectError): Problem {
  const [info] = error.findDetails(ErrorInfoSchema);
  const [request] = error.findDetails(BadRequestSchema);
  const [retry] = error.findDetails(RetryInfoSchema);
  const delay = retry?.retryDelay;
  return {
    code: error.code,
    message: error.rawMessage,
    reason: info?.reason ?? "",
    metadata: info?.metadata ?? {},
    violations: (request?.fieldViolations ?? []).map(({ field, description }) => ({ field, description })),
    retryMs: delay && Number(delay.seconds) * 1000 + delay.nanos / 1e6,
  };
}

export function problemText(problem: Problem): string {
  const reason = problem.reason ? ` (${problem.reason})` : "";
  const fields = problem.violations.map(({ field, description }) => `\n  ${field}: ${description}`);
  return `${Code[problem.code]}${reason}: ${problem.message}${fields.join("")}`;
}

export interface Persistence {
  // Codes for which to wait, too. Unavailable belongs here for streams alone, since the channel repeats the other calls.
  also?: Code[];
  // Whoever is told to wait longer than that in all gives up.
  patienceMs?: number;
  sleep?: (ms: number) => Promise<void>;
}

const PATIENCE_MS = 60_000;
// Where the server says nothing of when.
const PAUSE_MS = 500;

export const pauseFor = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

// Makes a call again as long as that may help. The server was too busy (ResourceExhausted) and said for how long: waits.
// The credential was refused (Unauthenticated): once more, since it is read again for each call.
export async function persist<Answer>(call: () => Promise<Answer>, how: Persistence = {}): Promise<Answer> {
  const { also = [], patienceMs = PATIENCE_MS, sleep = pauseFor } = how;
  let waited = 0;
  let renewed = false;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      if (!(error instanceof ConnectError)) {
        throw error;
      }
      const problem = problemOf(error);
      if (problem.code === Code.Unauthenticated && !renewed) {
        renewed = true;
        continue;
      }
      const toldToWait = problem.code === Code.ResourceExhausted && problem.retryMs !== undefined;
      const pause = problem.retryMs ?? PAUSE_MS;
      if (!(toldToWait || also.includes(problem.code)) || waited + pause > patienceMs) {
        throw error;
      }
      await sleep(pause);
      waited += pause;
    }
  }
}

const ADVICE: Partial<Record<Code, string>> = {
  [Code.InvalidArgument]: "mend what is named and try again",
  [Code.NotFound]: "there is no such thing, or it is not for you to see",
  [Code.AlreadyExists]: "the name is taken, or was once",
  [Code.Aborted]: "somebody else changed it at the same time, again and again; try later",
  [Code.FailedPrecondition]: "something else must be put right first",
  [Code.OutOfRange]: "there is no such revision (yet); ask without one",
  [Code.Unauthenticated]: "the token or key is missing, wrong or expired; get a new one",
  [Code.PermissionDenied]: "you may not do that; ask its owner, or whoever gives out roles",
  [Code.ResourceExhausted]: "ask for less, or later",
  [Code.Unavailable]: "the server is away; try later, and a write with the same request_id",
  [Code.DeadlineExceeded]: "no answer in time; repeat a write with the same request_id",
};

// Runs a program and sets its exit code; a failed call is told in words.
export async function run(program: () => Promise<number>): Promise<void> {
  try {
    process.exitCode = await program();
  } catch (error) {
    if (error instanceof ConnectError) {
      const problem = problemOf(error);
      const advice = ADVICE[problem.code];
      console.error(problemText(problem) + (advice ? `\n  ${advice}` : ""));
      process.exitCode = 1;
    } else {
      console.error(error instanceof Error ? error.message : error);
      process.exitCode = 2;
    }
  }
}
