package io.larder.mmap;

import io.larder.engine.StoreOptions;

/**
 * What an opening wants of a file.
 *
 * @param kind what the region is for
 * @param size its size and its limit, or whatever they are
 * @param anew whether what is in the file is given up, and a region of that size made in its place
 * @param packed whether the values of a region that is made may be kept in another form, {@link SharedRegion#isPacked}
 * @param base the options of the store, but for its size and its owners
 */
record OpeningRequest(RegionKind kind, FileSize size, boolean anew, boolean packed, StoreOptions base) {}
