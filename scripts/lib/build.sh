# Sourced by the scripts that build, in the root of the tree: what one checkout has compiled serves the others.
export CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
