//! The Docker Engine: the kubelet's runtime over it, and the bootstrap of a node.
