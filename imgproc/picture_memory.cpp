#include "assay/imgproc/picture_memory.h"

#include <sys/mman.h>

#include <cstdlib>
#include <limits>
#include <memory>
#include <new>
#include <opencv2/core.hpp>

#ifdef __GLIBC__
#include <malloc.h>
#endif

namespace assay {

namespace {

constexpr size_t kPage = size_t{2} << 20, kLeast = size_t{1} << 20;

size_t bytes_of(int dims, const int* sizes, int type) {
  size_t bytes = CV_ELEM_SIZE(type);
  for (int i = 0; i < dims; ++i) bytes *= static_cast<size_t>(sizes[i]);
  return bytes;
}

class PictureAllocator final : public cv::MatAllocator {
 public:
  // `step` gives back the bytes between neighbours along each axis.
  cv::UMatData* allocate(int dims, const int* sizes, int type, void* data, size_t* step, cv::AccessFlag access,
                         cv::UMatUsageFlags usage) const override {
    const size_t bytes = bytes_of(dims, sizes, type);
    if (data || bytes < kLeast)
      return cv::Mat::getStdAllocator()->allocate(dims, sizes, type, data, step, access, usage);
    size_t stride = CV_ELEM_SIZE(type);
    for (int i = dims - 1; i >= 0 && step; --i) {
      step[i] = stride;
      stride *= static_cast<size_t>(sizes[i]);
    }
    auto owner = std::make_unique<cv::UMatData>(this);
    const size_t whole = (bytes + kPage - 1) / kPage * kPage;
    void* memory = std::aligned_alloc(kPage, whole);
    if (!memory) throw std::bad_alloc();
#ifdef MADV_HUGEPAGE
    ::madvise(memory, whole, MADV_HUGEPAGE);  // a wish: where it fails, pages are small
#endif
    owner->data = owner->origdata = static_cast<uchar*>(memory);
    owner->size = bytes;
    return owner.release();
  }
  bool allocate(cv::UMatData* data, cv::AccessFlag, cv::UMatUsageFlags) const override { return data != nullptr; }
  void deallocate(cv::UMatData* data) const override {
    if (!data) return;
    std::free(data->origdata);
    delete data;
  }
};

}  // namespace

cv::MatAllocator& picture_allocator() {
  static auto* const allocator = new PictureAllocator;  // never destroyed: a picture may be the last to go
  return *allocator;
}

void keep_freed_memory() {
#ifdef __GLIBC__
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);  // the most there is
  ::mallopt(M_TRIM_THRESHOLD, std::numeric_limits<int>::max());
#endif
}

}  // namespace assay
