// SPDX-License-Identifier: Apache-2.0
// DCMTK behind C: data sets, frames, and files out. No entry throws, prints or ends the process.
#pragma once
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/// A file in memory or being made. One thread at a time; different files are independent.
typedef struct cdcm_file cdcm_file;
/// A data set or sequence item, owned by its file.
typedef struct cdcm_item cdcm_item;

/// Why a call failed; the text is DCMTK's, never content of the file.
typedef struct cdcm_error {
  char text[200];
} cdcm_error;

/// Pixel data as the file claims it.
typedef struct cdcm_pixels {
  /// 0 none, 1 integer, 2 float, 3 double.
  int32_t kind;
  /// 1 when stored as compressed fragments.
  int32_t encapsulated;
  /// Bytes of a native element.
  uint64_t length;
  /// Fragments without the offset table.
  uint32_t fragments;
} cdcm_pixels;

/// Parses a file; elements above 4 KiB stay on disk. NULL and a text on failure.
cdcm_file *cdcm_open(const char *path, cdcm_error *error);
/// An empty file to be filled and saved.
cdcm_file *cdcm_new(cdcm_error *error);
/// Frees a file and everything borrowed from it.
void cdcm_close(cdcm_file *file);

/// The data set.
const cdcm_item *cdcm_dataset(const cdcm_file *file);
/// The transfer syntax UID: of the meta header, else as found by parsing; bytes written, -1 on failure.
int32_t cdcm_transfer_syntax(const cdcm_file *file, char *buffer, int32_t capacity);

/// 1 when the element is there.
int32_t cdcm_has(const cdcm_item *item, uint16_t group, uint16_t element);
/// The values of an element as text separated by backslashes; bytes written, -1 when absent, -2 when
/// longer than capacity.
int32_t cdcm_text(const cdcm_item *item, uint16_t group, uint16_t element, char *buffer, int32_t capacity);
/// As cdcm_text, converted to UTF-8 from the item's or the file's character set where that is possible.
int32_t cdcm_utf8(
  const cdcm_file *file, const cdcm_item *item, uint16_t group, uint16_t element, char *buffer, int32_t capacity);
/// Values of a 16-bit word element (US, SS, OW); their number, -1 when absent, wrong or more than capacity.
int32_t cdcm_words(const cdcm_item *item, uint16_t group, uint16_t element, uint16_t *buffer, int32_t capacity);
/// The value of an element that is no sequence as little-endian bytes; their number, -1 when absent or more than
/// capacity.
int64_t cdcm_bytes(
  cdcm_file *file, const cdcm_item *item, uint16_t group, uint16_t element, void *buffer, uint64_t capacity);
/// The item of a sequence after `previous`, the first for NULL; NULL at the end.
const cdcm_item *cdcm_next(const cdcm_item *parent, uint16_t group, uint16_t element, const cdcm_item *previous);
/// The values of a text element of any length as numbers; their number, also when `buffer` is NULL. -1 when absent, no
/// text or more than capacity, -2 - i when value i is no finite number.
int64_t cdcm_numbers(const cdcm_item *item, uint16_t group, uint16_t element, double *buffer, int64_t capacity);

/// What kind of pixel data there is.
cdcm_pixels cdcm_pixel_info(const cdcm_file *file);
/// Copies a range of native pixel data in this machine's byte order; 1 on success.
int32_t cdcm_native(cdcm_file *file, uint64_t offset, void *buffer, uint64_t count, cdcm_error *error);
/// A compressed fragment, owned by its file.
typedef struct cdcm_fragment cdcm_fragment;
/// Gives the fragments behind the offset table and their bytes, `capacity` at most; their number.
uint32_t cdcm_fragments(cdcm_file *file, const cdcm_fragment **fragments, uint64_t *lengths, uint32_t capacity);
/// Copies a whole fragment; 1 on success.
int32_t cdcm_fragment_bytes(const cdcm_fragment *fragment, void *buffer, uint64_t capacity);
/// Decodes a JPEG codestream whose components have `bits` (8: bytes; 12, 16: words) as they are, interleaved; DCT of 8
/// and 12 bits, lossless of any. Lost or damaged data are an error: anything the library warns of but `oddities` things
/// that the caller knows to be harmless. Any number of threads; 1 on success.
int32_t cdcm_jpeg(
  const uint8_t *bytes, uint32_t count, int32_t bits, int32_t oddities, void *out, uint32_t size, cdcm_error *error);

/// The data set to be filled.
cdcm_item *cdcm_writable(cdcm_file *file);
/// The meta header (group 2).
cdcm_item *cdcm_meta(cdcm_file *file);
/// Sets an element from its values as they lie in memory, `bytes` of them: text for text VRs, 16-bit words for US, SS,
/// OW, AT, 32 bits for UL, SL, FL, OF, OL, 64 bits for FD, OD, SV, UV, OV, else bytes. 1 on success.
int32_t cdcm_put(
  cdcm_item *item, uint16_t group, uint16_t element, const char vr[3], const void *values, uint64_t bytes,
  cdcm_error *error);
/// Sets a sequence without items; 1 on success.
int32_t cdcm_put_sequence(cdcm_item *item, uint16_t group, uint16_t element, cdcm_error *error);
/// Appends an item to a sequence that was set; NULL on failure.
cdcm_item *cdcm_append_item(cdcm_item *item, uint16_t group, uint16_t element, cdcm_error *error);
/// Sets compressed pixel data without fragments; 1 on success.
int32_t cdcm_put_fragments(cdcm_file *file, const char *transfer_syntax, cdcm_error *error);
/// Appends a fragment, the first being the offset table; 1 on success.
int32_t cdcm_append_fragment(
  cdcm_file *file, const char *transfer_syntax, const void *bytes, uint32_t count, cdcm_error *error);
/// Compresses where the syntax asks for it, losslessly, and writes the file.
int32_t cdcm_save(cdcm_file *file, const char *path, const char *transfer_syntax, cdcm_error *error);

/// What PS3.6 says of an attribute.
typedef struct cdcm_entry {
  char vr[3];
  /// Keyword.
  char keyword[72];
  /// Least and most values; -1 for any number.
  int32_t least, most;
} cdcm_entry;
/// Looks an attribute up; 0 when the dictionary does not have it.
int32_t cdcm_entry_of(uint16_t group, uint16_t element, cdcm_entry *entry);

/// Parses as much of a file as can be parsed; a text when that is not all of it. NULL when memory is out.
cdcm_file *cdcm_open_damaged(const char *path, cdcm_error *error);
/// An element of an item, owned by its file.
typedef struct cdcm_element cdcm_element;
/// An element without its value.
typedef struct cdcm_description {
  uint16_t group, element;
  char vr[3];
  /// Keyword, private ones where the dictionary has them.
  char keyword[72];
  /// Bytes; 0 for a sequence.
  uint32_t length;
  int32_t is_sequence;
  /// Items of a sequence.
  uint32_t count;
} cdcm_description;
/// Gives the elements of an item, `capacity` at most; their number, for a capacity of 0 how many there are.
uint32_t cdcm_elements(const cdcm_item *item, const cdcm_element **elements, uint32_t capacity);
/// Describes an element; 1 on success.
int32_t cdcm_describe(const cdcm_element *element, cdcm_description *description);
/// The item of a sequence element after `previous`, the first for NULL; NULL at the end.
const cdcm_item *cdcm_item_of(const cdcm_element *sequence, const cdcm_item *previous);
/// The first bytes of a value in this machine's byte order; their number, -1 when it cannot be read so.
int32_t cdcm_head(cdcm_file *file, const cdcm_element *element, void *buffer, uint32_t count);
/// The values of an element as cdcm_utf8 gives them, from `character_set` where it is not empty.
int32_t cdcm_element_utf8(
  const cdcm_element *element, const char *character_set, char *buffer, int32_t capacity);
/// The name of a UID of the standard; NULL for others.
const char *cdcm_uid_name(const char *uid);

#ifdef __cplusplus
}
#endif
