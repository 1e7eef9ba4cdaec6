/** Web vitals of a page's load: each once, when its first view ends. */
import { type Metric, onCLS, onINP, onLCP } from "web-vitals";

type Properties = { metric: string; value: number; rating: string };

/** Measure from now on. Returns the call that sends what was found. */
export function measure(send: (properties: Properties) => void): () => void {
  const latest = new Map<string, Metric>();
  const sent = new Set<string>();
  for (const on of [onCLS, onINP, onLCP]) {
    on((metric) => void latest.set(metric.name, metric), { reportAllChanges: true });
  }
  return () => {
    for (const { id, name, value, rating } of latest.values()) {
      if (sent.has(id)) continue;
      sent.add(id);
      send({ metric: name, value: Math.round(value * 1e4) / 1e4, rating });
    }
  };
}
