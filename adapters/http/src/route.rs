//! Routes: each with who may ask there, and what programs find. One table makes the router, the OpenAPI document, and
//! the test that calls every route as each wrong person; a route that says nothing of it does not compile.

use std::sync::Arc;

use axum::Router;
use axum::handler::Handler;
use axum::http::Method;
use axum::routing::{MethodFilter, on};
use paidan_runtime::World;

use crate::App;
use crate::operation::Operation;

/// Who may ask at a route. What they see there of a case, the desk decides by their sight of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody; nothing is shown that is not for everybody.
    Everybody,
    /// Whoever brings a code in the body: a resident's, or the first administrator's.
    Code,
    /// Whoever is known, by a session or a key.
    Known,
    /// Administrators.
    Admin,
    /// Visitors of a demonstration; no other door has it.
    Demonstration,
}

/// One route.
#[derive(Clone, Copy, Debug)]
pub struct Route {
    /// `GET` or `POST`, or `DELETE`.
    pub method: &'static str,
    /// Its path, with names in braces.
    pub path: &'static str,
    /// Who may ask.
    pub access: Access,
    /// What programs find there; none: it is a page.
    pub operation: Option<&'static Operation>,
}

/// Every route of the door, which the router hands to those who must know of them.
#[derive(Clone, Debug)]
pub struct Table(pub Arc<[Route]>);

/// Routes under way: the router and the table of what it holds.
pub struct Routes<W: World> {
    pub(crate) router: Router<App<W>>,
    pub(crate) table: Vec<Route>,
}

impl<W: World> Routes<W> {
    /// No routes.
    pub(crate) fn new() -> Self {
        Self { router: Router::new(), table: Vec::new() }
    }

    /// A page, or a file of one.
    pub(crate) fn get<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App<W>>,
        T: 'static,
    {
        self.add(Method::GET, path, access, None, handler)
    }

    /// What a form of a page is sent to.
    pub(crate) fn post<H, T>(self, path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App<W>>,
        T: 'static,
    {
        self.add(Method::POST, path, access, None, handler)
    }

    /// What programs ask.
    pub(crate) fn api<H, T>(
        self,
        method: Method,
        path: &'static str,
        access: Access,
        operation: &'static Operation,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App<W>>,
        T: 'static,
    {
        self.add(method, path, access, Some(operation), handler)
    }

    fn add<H, T>(
        mut self,
        method: Method,
        path: &'static str,
        access: Access,
        operation: Option<&'static Operation>,
        handler: H,
    ) -> Self
    where
        H: Handler<T, App<W>>,
        T: 'static,
    {
        let (filter, method) = match method {
            Method::POST => (MethodFilter::POST, "POST"),
            Method::PUT => (MethodFilter::PUT, "PUT"),
            Method::DELETE => (MethodFilter::DELETE, "DELETE"),
            _ => (MethodFilter::GET, "GET"),
        };
        self.router = self.router.route(path, on(filter, handler));
        self.table.push(Route { method, path, access, operation });
        self
    }

    /// The same routes under a layer of their own, such as a larger limit.
    pub(crate) fn within(mut self, layer: impl FnOnce(Router<App<W>>) -> Router<App<W>>) -> Self {
        self.router = layer(self.router);
        self
    }

    /// These and others.
    pub(crate) fn and(mut self, others: Self) -> Self {
        self.router = self.router.merge(others.router);
        self.table.extend(others.table);
        self
    }
}
