/** A program with OpenTelemetry in it: the exporters that the Dagger SDK itself brings, set up by variables alone. */
import { createRequire } from "node:module";

const sdk = createRequire(createRequire(import.meta.url).resolve("@dagger.io/dagger"));
const { BasicTracerProvider, SimpleSpanProcessor } = sdk("@opentelemetry/sdk-trace-base");
const { OTLPTraceExporter } = sdk("@opentelemetry/exporter-trace-otlp-proto");
const { MeterProvider, PeriodicExportingMetricReader } = sdk("@opentelemetry/sdk-metrics");
const { OTLPMetricExporter } = sdk("@opentelemetry/exporter-metrics-otlp-proto");

const tracing = new BasicTracerProvider({
  spanProcessors: [new SimpleSpanProcessor(new OTLPTraceExporter())],
});
const metering = new MeterProvider({
  readers: [new PeriodicExportingMetricReader({ exporter: new OTLPMetricExporter() })],
});
tracing.getTracer("dagger.io/core").startSpan("a step").end();
const gauge = metering.getMeter("dagger.io/core").createGauge("dagger.io/metrics.memory.peak");
gauge.record(4096, { "dagger.io/dag.digest": "xxh3:1" });
await tracing.shutdown();
await metering.shutdown();
