"""What the pages of `/manage/` read beyond single rows."""
