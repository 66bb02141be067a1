#include <stdint.h>

// The data of ICU, empty.
//
// Yams imports Foundation, whose static library brings 30 MB of data for languages, calendars and time zones, half of
// the program. pkigen formats its dates by itself and sorts by bytes, so that it uses none. The linker takes this symbol
// before it looks for the library's. With another version of ICU the name changes, and the program is large again: CI
// checks its size. The format is that of ICU's own stubdata: a header, and a table of contents without entries.

struct data_header {
    uint16_t header_size;
    uint8_t magic[2];
    uint16_t info_size;
    uint16_t reserved;
    uint8_t is_big_endian;
    uint8_t charset_family;
    uint8_t size_of_uchar;
    uint8_t reserved_byte;
    uint8_t data_format[4];
    uint8_t format_version[4];
    uint8_t data_version[4];
    char padding[8];
    uint32_t count;
    uint32_t reserved_entry;
};

_Alignas(16) const struct data_header icudt76_dat = {
    .header_size = 32,
    .magic = {0xda, 0x27},
    .info_size = 20,
    .is_big_endian = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__,
    .size_of_uchar = 2,
    .data_format = {'T', 'o', 'C', 'P'},
    .format_version = {1},
};
