//! What the user wrote: a tree with origins, layered, checked, then decoded into types.
