// What happens to alerts, without a gap: not while the server restarts, nor the program that keeps the bookmark.
import { type Client, Code, ConnectError } from "@connectrpc/connect";
import { type Problem, pauseFor, persist, problemOf, problemText } from "./errors.js";
import type { Alert, AlertEvent } from "./gen/orewatch/alerting/v1/alert_pb.js";
import type { Alerting, WatchAlertsResponse } from "./gen/orewatch/alerting/v1/alerting_pb.js";

const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

// Everything up to here has been dealt with. The number means nothing without its lineage.
export interface Bookmark {
  lineage: string;
  sequence: bigint;
}

// One message of the watch.
export interface Step {
  bookmark: Bookmark;
  // What happened, and the alert as that left it; undefined: nothing did, and only the bookmark has moved.
  event?: AlertEvent;
  alert?: Alert;
  // The server has another history than the bookmark: events may have been missed. List the alerts anew.
  restarted?: boolean;
}

export async function now(alerting: Client<typeof Alerting>): Promise<Bookmark> {
  const { lineage, sequence } = await persist(() => alerting.listAlerts({ pageSize: 1 }));
  return { lineage, sequence };
}

// What happens after a bookmark, for ever. Each step has been dealt with when the next is asked for.
export async function* follow(alerting: Client<typeof Alerting>, start: Bookmark): AsyncGenerator<Step, never> {
  let bookmark = start;
  let pause = FIRST_PAUSE_MS;
  let refused = false;
  for (;;) {
    const call = new AbortController();
    try {
      const request = { afterSequence: bookmark.sequence, lineage: bookmark.lineage };
      for await (const message of alerting.watchAlerts(request, { signal: call.signal })) {
        pause = FIRST_PAUSE_MS;
        refused = false;
        const step = stepOf(message, bookmark);
        yield step;
        bookmark = step.bookmark;
      }
    } catch (error) {
      if (!(error instanceof ConnectError)) {
        throw error;
      }
      const problem = problemOf(error);
      if (["LINEAGE_CHANGED", "SEQUENCE_AHEAD", "SEQUENCE_DROPPED"].includes(problem.reason)) {
        bookmark = await now(alerting);
        yield { bookmark, restarted: true };
        continue;
      }
      if (!passes(problem, refused)) {
        throw error;
      }
      // A token that ran out is read again by the next call; one that is refused then is wrong.
      refused = problem.code === Code.Unauthenticated;
      pause = Math.max(pause, problem.retryMs ?? 0);
      console.error(`reconnecting after ${bookmark.sequence}: ${problemText(problem)}`);
    } finally {
      call.abort();
    }
    // Not all at once: a server that comes back has many watchers.
    await pauseFor(pause * (0.5 + Math.random() / 2));
    pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
  }
}

function passes(problem: Problem, refused: boolean): boolean {
  // Unavailable is also how a server says that it is about to stop (DRAINING); another may be there already.
  if (problem.code === Code.Unavailable || problem.code === Code.ResourceExhausted) {
    return true;
  }
  return problem.code === Code.Unauthenticated && !refused;
}

function stepOf({ alert, event, bookmark }: WatchAlertsResponse, before: Bookmark): Step {
  if (alert && event) {
    // Events come in order, so that each is a bookmark too.
    return { bookmark: { lineage: before.lineage, sequence: event.sequence }, event, alert };
  }
  return { bookmark: bookmark ? { lineage: bookmark.lineage, sequence: bookmark.sequence } : before };
}
