//! Handlers of the routes, all of one type.
//!
//! Left to itself each handler makes of the framework's routing a copy of its own, and for every piece of that copy the compiler
//! proves anew that all the work below the handler may change threads: two thirds of the time of compiling this crate.

use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;

use axum::extract::Request;
use axum::handler::Handler;
use axum::response::Response;
use axum::routing::{self, MethodRouter};

use crate::App;

type Answering = Pin<Box<dyn Future<Output = Response> + Send>>;

/// A handler, whatever it reads of a request.
#[derive(Clone)]
struct AnyHandler(Arc<dyn Fn(Request, App) -> Answering + Send + Sync>);

impl Handler<(), App> for AnyHandler {
    type Future = Answering;

    fn call(self, request: Request, app: App) -> Answering {
        (self.0)(request, app)
    }
}

fn any<H: Handler<T, App>, T: 'static>(handler: H) -> AnyHandler {
    AnyHandler(Arc::new(move |request, app| Box::pin(handler.clone().call(request, app))))
}

/// Answers `GET` and `HEAD`.
pub(crate) fn get<H: Handler<T, App>, T: 'static>(handler: H) -> MethodRouter<App> {
    routing::get(any(handler))
}

/// Answers `POST`.
pub(crate) fn post<H: Handler<T, App>, T: 'static>(handler: H) -> MethodRouter<App> {
    routing::post(any(handler))
}
