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
    pub(crate) fn layer(_: Option<&str>) -> Result<(Option<Identity>, Spans), Failure> {
        Ok((None, Spans))
    }
}

#[cfg(feature = "otel")]
mod sent {
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::time::Duration;

    use opentelemetry::trace::TracerProvider;
    use opentelemetry_otlp::tonic_types::transport::ClientTlsConfig;
    use opentelemetry_otlp::{SpanExporter as Otlp, WithExportConfig, WithTonicConfig};
    use opentelemetry_sdk::Resource;
    use opentelemetry_sdk::error::OTelSdkResult;
    use opentelemetry_sdk::trace::{SdkTracerProvider, SpanData, SpanExporter};
    use tracing::Level;
    use tracing_subscriber::Layer;
    use tracing_subscriber::filter::filter_fn;
    use tracing_subscriber::registry::LookupSpan;

    use crate::exit::{Exit, Failure};
    use crate::logging::is_ours;

    const NAME: &str = "carebus";

    /// How long the end of the process waits for a collector that does not answer.
    const PATIENCE: Duration = Duration::from_secs(2);

    /// Sends what is left when it is dropped.
    pub(crate) struct Spans(Option<SdkTracerProvider>);

    /// The layer that sends our own spans away. What other libraries say is about the bytes they carry, and the
    /// sender's own would be spans about spans.
    pub(crate) fn layer<S>(otlp: Option<&str>) -> Result<(Option<impl Layer<S> + use<S>>, Spans), Failure>
    where
        S: tracing::Subscriber + for<'a> LookupSpan<'a>,
    {
        let Some(url) = otlp else {
            return Ok((None, Spans(None)));
        };
        let mut otlp = Otlp::builder().with_tonic().with_endpoint(url);
        if url.starts_with("https://") {
            // Of itself it would trust nobody.
            otlp = otlp.with_tls_config(ClientTlsConfig::new().with_enabled_roots());
        }
        let otlp = otlp
            .build()
            .map_err(|error| Failure::new(Exit::Config, format!("log.otlp: {error}")))?;
        let exporter = Told {
            otlp,
            failing: AtomicBool::new(false),
        };
        // Its queue is bounded and never waited for, and it sends from a thread of its own.
        let provider = SdkTracerProvider::builder()
            .with_batch_exporter(exporter)
            .with_resource(ourselves())
            .build();
        let layer = tracing_opentelemetry::layer()
            .with_tracer(provider.tracer(NAME))
            .with_location(false)
            .with_threads(false)
            .with_filter(filter_fn(|what| {
                is_ours(what) && (what.is_span() || *what.level() <= Level::INFO)
            }));
        Ok((Some(layer), Spans(Some(provider))))
    }

    /// `OTEL_SERVICE_NAME` and `OTEL_RESOURCE_ATTRIBUTES` are read by the library.
    fn ourselves() -> Resource {
        let resource = Resource::builder();
        if std::env::var_os("OTEL_SERVICE_NAME").is_some_and(|name| !name.is_empty()) {
            return resource.build();
        }
        resource.with_service_name(NAME).build()
    }

    /// The exporter, which says once that the collector does not take spans, and once that it does again.
    #[derive(Debug)]
    struct Told {
        otlp: Otlp,
        failing: AtomicBool,
    }

    impl SpanExporter for Told {
        async fn export(&self, batch: Vec<SpanData>) -> OTelSdkResult {
            let result = self.otlp.export(batch).await;
            let failed_before = self.failing.swap(result.is_err(), Ordering::Relaxed);
            match &result {
                Err(error) if !failed_before => tracing::warn!(%error, "spans.unsent"),
                Ok(()) if failed_before => tracing::info!("spans.sent_again"),
                _ => {}
            }
            result
        }

        fn shutdown_with_timeout(&self, patience: Duration) -> OTelSdkResult {
            self.otlp.shutdown_with_timeout(patience)
        }

        fn set_resource(&mut self, resource: &Resource) {
            self.otlp.set_resource(resource);
        }
    }

    impl Drop for Spans {
        fn drop(&mut self) {
            let Some(provider) = self.0.take() else { return };
            if let Err(error) = provider.shutdown_with_timeout(PATIENCE) {
                tracing::debug!(%error, "spans.lost");
            }
        }
    }
}
