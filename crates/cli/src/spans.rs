//! The spans of decisions, sent to an OTLP collector in a build with the feature `otel`; in any other, nothing.

#[cfg(feature = "otel")]
pub(crate) use sent::{Spans, layer};
#[cfg(not(feature = "otel"))]
pub(crate) use unsent::{Spans, layer};

#[cfg(not(feature = "otel"))]
mod unsent {
    use tracing_subscriber::layer::Identity;

    use crate::exit::Failure;

    /// Nothing to send.
    pub(crate) struct Spans;

    #[expect(
        clippy::unnecessary_wraps,
        reason = "with the feature there can be a collector that cannot be"
    )]
    pub(crate) fn layer(_: Option<&str>) -> Result<(Identity, Spans), Failure> {
        Ok((Identity::new(), Spans))
    }
}

#[cfg(feature = "otel")]
mod sent {
    use opentelemetry::trace::TracerProvider;
    use opentelemetry_otlp::{SpanExporter, WithExportConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::trace::SdkTracerProvider;
    use tracing_subscriber::Layer;
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::registry::LookupSpan;

    use crate::exit::{Exit, Failure};

    /// Sends what is left when it is dropped.
    pub(crate) struct Spans(Option<SdkTracerProvider>);

    /// The layer that sends the spans of `node` away: the sender's own would be spans about spans.
    pub(crate) fn layer<S>(otlp: Option<&str>) -> Result<(impl Layer<S>, Spans), Failure>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        let Some(url) = otlp else {
            return Ok((None, Spans(None)));
        };
        let exporter = SpanExporter::builder().with_tonic().with_endpoint(url).build();
        let exporter =
            exporter.map_err(|error| Failure::new(Exit::Config, format!("log.otlp {url}: {error}")))?;
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(Resource::builder().with_service_name("carebus").build())
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer("carebus"))
            .with_location(false)
            .with_threads(false)
            .with_filter(filter_fn(|meta| {
                meta.target() == "node" || meta.target().starts_with("node::")
            }));
        Ok((Some(layer), Spans(Some(provider))))
    }

    impl Drop for Spans {
        fn drop(&mut self) {
            let Some(provider) = self.0.take() else { return };
            if let Err(error) = provider.shutdown() {
                tracing::warn!(%error, "spans.unsent");
            }
        }
    }
}
