// imgproc/picture_memory.h: memory of large pictures.
//
// The first write to each page of 4 kB of new memory costs a call of the kernel, which for a fast operator is more than the
// operator. Pictures from 1 MB on are therefore put on whole pages of 2 MB, if the system has such ("transparent huge
// pages", madvise); a picture takes up to 2 MB more for that. Where it has none nothing changes.
#pragma once
#include <opencv2/core/mat.hpp>

namespace assay {

/// Gives and takes back the memory of cv::Mat; for cv::Mat::setDefaultAllocator, or a picture's own `allocator`.
cv::MatAllocator& picture_allocator();

/// For a program: what an operator gave back is kept for the next, or for the next band of a picture, not returned to the system, whose pages would have to be cleared and handed out again. Blocks up to 32 MB (glibc; nothing elsewhere).
void keep_freed_memory();

}  // namespace assay
