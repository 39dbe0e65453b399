"""How the portal receives a file: in memory alone, and no more of it than a document may have."""

from io import BytesIO

from django.conf import settings
from django.core.files.uploadedfile import InMemoryUploadedFile
from django.core.files.uploadhandler import FileUploadHandler


class MemoryUpload(FileUploadHandler):
    """Keep uploaded files in memory; of what is too much, only how much it was.

    Django's own handler writes larger files into a temporary folder, where they would lie
    unencrypted. All files of one request share the allowance, whatever the browser says of them:
    the one that exceeds it is empty and has the size of all of them.
    """

    def __init__(self, request=None):
        super().__init__(request)
        self.kept = 0

    def new_file(self, *args, **kwargs):
        super().new_file(*args, **kwargs)
        self.before = self.kept
        self.content = BytesIO()

    def receive_data_chunk(self, raw_data, start):
        self.kept += len(raw_data)
        if self.kept > settings.LARGEST_DOCUMENT:
            self.content = BytesIO()
        else:
            self.content.write(raw_data)

    def file_complete(self, file_size):
        self.content.seek(0)
        is_too_much = self.kept > settings.LARGEST_DOCUMENT
        return InMemoryUploadedFile(
            file=self.content,
            field_name=self.field_name,
            name=self.file_name,
            content_type=self.content_type,
            size=self.kept if is_too_much else self.kept - self.before,
            charset=self.charset,
            content_type_extra=self.content_type_extra,
        )
