// What the release binary links in the place of symbols of others; see the sources. There is nothing to call.
#ifndef PKIGEN_CSTANDINS_H
#define PKIGEN_CSTANDINS_H
#endif
